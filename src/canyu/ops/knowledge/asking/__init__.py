"""Talks with the assistant: what was asked, what went out, and what a person must answer."""

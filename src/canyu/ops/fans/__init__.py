"""Fans: one person across channels, what they agreed to, and what they may ask of us."""

"""Votes: one per person and entry, kept, held with reasons, released or refused by a person."""

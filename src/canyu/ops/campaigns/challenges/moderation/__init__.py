"""Deciding what may be shown: one entry or many at once, each with a reason and a way back."""

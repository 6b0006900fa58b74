"""Goodwill offers: who bought gets something, whatever they say about it."""

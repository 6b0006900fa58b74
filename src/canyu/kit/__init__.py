"""Shared code without field words: errors, clock, JSON and number formats, below every floor."""

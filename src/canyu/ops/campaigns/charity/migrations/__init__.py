"""The tables of charity."""

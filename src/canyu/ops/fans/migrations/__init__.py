"""The tables of fans."""

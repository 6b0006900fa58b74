"""The tables of drops."""

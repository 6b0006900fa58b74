"""The tables of the corrections."""

"""Compiled array code of the listen room: plain arrays in, plain arrays out, no Python object touched per text."""

"""Statements: written in versions, released by a second person, kept with the files that show what was found."""

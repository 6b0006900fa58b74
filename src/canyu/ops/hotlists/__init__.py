"""Time on hot lists, series of search and reading, and share of voice, for staff to read."""

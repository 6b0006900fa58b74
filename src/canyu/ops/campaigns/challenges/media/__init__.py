"""Images of entries: cleaned, and kept in two sizes."""

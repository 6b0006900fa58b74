"""Images of entries: cleaned, kept as files of the state folder, and dropped."""

"""Who is one person: links between identifiers, the groups that follow from them, merges and their undoing."""

"""The retrospective of a crisis, made from what was kept of it: the same records, the same file."""

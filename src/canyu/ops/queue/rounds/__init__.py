"""What comes round again: one row each, and one conditional update that says who does it."""

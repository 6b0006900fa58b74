"""Database migrations of the people app."""

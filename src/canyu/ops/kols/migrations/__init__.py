"""Database migrations of the KOLs app."""

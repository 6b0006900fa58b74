"""Migrations of the reading app."""

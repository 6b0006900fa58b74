"""Compiled byte loops: where records and fields end, and what a written time means."""

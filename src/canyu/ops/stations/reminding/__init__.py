"""Reminders of bookings by mail: each once."""

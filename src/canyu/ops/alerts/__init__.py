"""Alerts in the console: what fired, who looks after it, who is told, and what would have fired."""

"""What the public sees of a crisis: its statements."""

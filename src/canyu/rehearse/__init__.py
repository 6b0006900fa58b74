"""A simulated market whose truth is known."""

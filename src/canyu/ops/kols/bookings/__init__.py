"""Bookings: from the brief to the payment, each step with who and when."""

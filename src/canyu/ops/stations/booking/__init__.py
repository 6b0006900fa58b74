"""Bookings: held, booked, cancelled, over; one thing on one bench at a time."""

"""Plans: whom to ask, for how much, to reach how many; changed by hand, saved, approved and booked."""

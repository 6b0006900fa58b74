"""KOLs in the console: whom a brand can ask, what they cost, what was booked, and what came of it."""

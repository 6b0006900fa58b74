"""Plans of rebuttals: whom to ask, within a budget, and what came of it."""

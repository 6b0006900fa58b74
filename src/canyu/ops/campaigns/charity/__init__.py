"""Giving with each order: a pledge kept in the ledger, what was paid out, and the stories that show it."""

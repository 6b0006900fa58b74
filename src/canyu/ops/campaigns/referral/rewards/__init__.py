"""Rewards: who is owed what for which cause, kept by the ledger from the hold to the claw-back."""

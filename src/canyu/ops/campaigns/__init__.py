"""Campaigns: planned by the 3-3 rule, released by a second person, and what a campaign switches on."""

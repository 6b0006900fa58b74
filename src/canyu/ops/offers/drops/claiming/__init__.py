"""Claims in groups: many askers judged in one transaction, in the order in which they came."""

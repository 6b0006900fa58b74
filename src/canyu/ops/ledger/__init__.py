"""The ledger in the console's own database: rows of the rooms, of the ledger and of the outbox commit together."""

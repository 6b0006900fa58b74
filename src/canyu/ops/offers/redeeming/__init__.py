"""Using offers for an order, and giving them back: idempotent by order, decided by the ledger."""

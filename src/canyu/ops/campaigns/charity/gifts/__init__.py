"""What orders and entries give: each one row of the ledger, and one more that takes it back."""

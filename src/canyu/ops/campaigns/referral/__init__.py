"""Referral: share codes, the share tree, its K-factor, fraud verdicts and rewards kept by the ledger."""

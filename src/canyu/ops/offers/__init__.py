"""Offers: promotions, codes, vouchers, bundles, entitlements and limited editions, guarded by the ledger."""

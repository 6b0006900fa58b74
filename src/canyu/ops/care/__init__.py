"""Cases of care: opened, answered in time, solved and rated; every one rebuilt from its append-only records."""

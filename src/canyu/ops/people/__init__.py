"""Who may come in: accounts, roles and what each role may do."""

"""How word of mouth travels, for staff to read: who carries it, one cascade, and how far it will go."""

"""What an entry is worth, and votes: kept, held with reasons, released or refused."""

"""Files of claims: kept, checked by the errands, replayed, exported."""

"""Files of claims: kept, checked by jobs, replayed, exported."""

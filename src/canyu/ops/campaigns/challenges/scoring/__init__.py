"""What entries are worth, and where that puts their entrants."""

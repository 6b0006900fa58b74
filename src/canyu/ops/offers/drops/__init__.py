"""Limited editions (drops): so many numbered units, sold out exactly, with a fair and provable way in."""

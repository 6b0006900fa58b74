"""Files of a roster taken in: read, compared with what is kept, shown, then kept whole."""

"""Files of minutes and of plays: read row by row, good rows kept, bad ones named with field and mend."""

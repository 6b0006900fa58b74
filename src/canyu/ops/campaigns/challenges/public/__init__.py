"""The public pages of a challenge: rules, entries, the board and votes; phone first, without login or script."""

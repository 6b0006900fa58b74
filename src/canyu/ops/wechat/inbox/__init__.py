"""What the vendor pushed, kept once: the inbox, the memory of calls, the cursors of customer service."""

"""What voices say, aspect by aspect, message by message and topic by topic: pages over the lake, nothing is written."""

"""What the lake tells of the roster's accounts: past performance, and signs of authenticity with their evidence."""

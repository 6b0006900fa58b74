"""Evidence before a decision: copies, coordinated posting, rumour candidates, and copy checked before it goes out."""

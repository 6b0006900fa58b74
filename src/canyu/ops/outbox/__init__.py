"""The transactional outbox: what was done in the console reaches the lake, nothing lost and nothing doubled."""

"""The crisis room: runs of a playbook, statements with their evidence, and what the world says meanwhile."""

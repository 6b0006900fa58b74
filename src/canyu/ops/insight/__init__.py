"""What people say, for staff to read: the overview with its proofs, and the posts themselves."""

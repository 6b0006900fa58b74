"""Did opinion on the claim turn after the first statement, and may the crisis close."""

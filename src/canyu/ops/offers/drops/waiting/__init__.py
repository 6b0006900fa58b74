"""The waiting room of a drop with a fair queue: where one stands, until it is one's turn."""

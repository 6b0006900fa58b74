"""What people say: language, products, sentiment, kept beside the events they were read from."""

"""How the database came to what the models say."""

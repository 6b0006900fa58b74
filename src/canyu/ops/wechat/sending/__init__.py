"""Messages on their way to the vendor: each told once, whoever runs twice or dies in between."""

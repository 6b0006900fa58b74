"""Parts of an order that are given back."""

"""What was promised to the buyers of a product, what was kept of it, and what the product costs to own."""

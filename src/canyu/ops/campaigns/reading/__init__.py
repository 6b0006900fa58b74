"""What campaigns read of the lake: each reader goes on where it stopped."""

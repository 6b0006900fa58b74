"""What staff see: layout, navigation, shared components, and the addresses of every page."""

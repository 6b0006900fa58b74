"""Short links: made by staff and by campaigns, counted through the collector's inbox."""

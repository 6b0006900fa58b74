"""What brought what: funnels, retention, journeys, attribution, experiments and lift, asked and kept by name."""

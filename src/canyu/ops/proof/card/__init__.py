"""The scorecard: its period, its targets, its pages and files."""

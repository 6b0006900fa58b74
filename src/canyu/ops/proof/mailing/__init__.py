"""The scorecard by mail: when, to whom, and what became of it."""

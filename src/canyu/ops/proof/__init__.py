"""The room of proof: claims held against the lake, the scorecard with its targets, and its way out by mail."""

"""Compiled code of spread: graphs, cascades, samples, selection."""

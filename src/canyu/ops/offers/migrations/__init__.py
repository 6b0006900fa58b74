"""The tables of offers."""

"""The worlds, the questions and the judge of ``coverage.py``."""

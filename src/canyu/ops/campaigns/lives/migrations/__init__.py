"""The tables of live sessions."""

"""Erasing one person everywhere, with a receipt that can be verified later."""

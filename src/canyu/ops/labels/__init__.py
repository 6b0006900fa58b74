"""Corrections in the console: posts labelled by analysts, the models that learnt from them, and which one is active."""

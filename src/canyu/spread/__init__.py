"""How it travels: cascades, influence, prediction, choosing KOLs, rebuttals."""

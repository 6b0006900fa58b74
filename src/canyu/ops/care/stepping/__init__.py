"""Which step costs the time, of the cases in this console."""

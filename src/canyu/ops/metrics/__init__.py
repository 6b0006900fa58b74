"""The room of metrics: the catalogue over HTTP."""

"""News for open pages, by server-sent events that resume where they ended."""

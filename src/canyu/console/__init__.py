"""Layout, navigation and shared parts of the pages."""

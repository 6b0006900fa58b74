"""The fixtures of the sources' tests."""

from collecting_site import site

__all__ = ["site"]

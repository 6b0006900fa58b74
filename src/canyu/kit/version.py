"""Which version this is, for every floor to say."""

from __future__ import annotations

__version__ = "0.1.0"

"""Canyu (参与): the open word-of-mouth engine for consumer brands.

A data scientist needs no server::

    import canyu
    lake = canyu.open("my.lake")
    lake.scan("events")
"""

from canyu.events import Event, Lake, Verb
from canyu.events import open_lake as open

__all__ = ["Event", "Lake", "Verb", "open"]
__version__ = "0.1.0"

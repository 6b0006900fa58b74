"""What the carrier of the inbox asks of the console: the lake, the sources, quarantine, counts and who is told on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa
from django.db import transaction

from canyu.events import Lake, open_lake
from canyu.events.collector import Refused, Source, Tally
from canyu.kit.clock import get_now
from canyu.ops.config import load_config
from canyu.ops.lakes import find_lake
from canyu.ops.links.actions import count_clicks
from canyu.ops.sources import actions, queries
from canyu.ops.sources.outbound.actions import announce_events


class ConsoleDesk:
    """The desk of the served process group; ``prepare`` is done first in each round, as renewing connections."""

    def __init__(self, prepare: Callable[[], None] = lambda: None) -> None:
        self._prepare = prepare

    def get_lake(self) -> Lake:
        """Return the configured lake, made where there is none."""
        self._prepare()
        return find_lake() or open_lake(load_config().lake, create=True)

    def list_sources(self) -> Mapping[str, Source]:
        """Return the sources by name."""
        return queries.load_sources()

    def take_refused(self, refused: Sequence[Refused]) -> None:
        """Keep refused events in quarantine."""
        actions.keep_refused(refused)

    def take_events(self, events: pa.Table) -> None:
        """Put what was carried on its way to the subscriptions."""
        announce_events(events, get_now())

    def take_tallies(self, segments: Sequence[str], tallies: Mapping[str, Tally]) -> None:
        """Count, once for these segments, what became of their events; short links' clicks included."""
        now = get_now()
        with transaction.atomic():
            if actions.count_segments(segments, tallies, now):
                count_clicks({note: n for tally in tallies.values() for note, n in tally.notes.items()})

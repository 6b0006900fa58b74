"""All reads of the watch list: watched KOLs, and the claims of the queue that their accounts wrote or passed on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.listen.slices import SliceReader
from canyu.ops.care.models import CaseMention
from canyu.ops.evidence import queries as evidence
from canyu.ops.evidence.rumours import Card, QueuePage, RumoursQuery, parse_rumours
from canyu.ops.insight.queries import get_bounds
from canyu.ops.insight.rules import ALL
from canyu.ops.kols.models import Account, Kol
from canyu.ops.lakes import LakeFacts, get_lake
from canyu.ops.people.models import Person


@dataclass(frozen=True, slots=True)
class Trace:
    """What an account of a watched KOL did with a claim: ids of the posts that it wrote, and of those passed on."""

    card: Card
    wrote: tuple[str, ...]
    passed_on: tuple[str, ...]

    @property
    def posts(self) -> tuple[str, ...]:
        """All of them."""
        return self.wrote + self.passed_on


@dataclass(frozen=True, slots=True)
class Watched:
    """A watched KOL, its accounts, its traces in the queue, and the cases that hold one of its posts already."""

    kol: Kol
    accounts: tuple[Account, ...]
    traces: tuple[Trace, ...]
    cases: tuple[int, ...]

    @property
    def posts(self) -> tuple[str, ...]:
        """Every post that speaks against it: put on the list by hand, and found in the queue."""
        found = (name for trace in self.traces for name in trace.posts)
        return tuple(dict.fromkeys([*self.kol.watched_posts, *found]))


@dataclass(frozen=True, slots=True)
class WatchList:
    """Who is watched, those with traces first; ``queue`` is None where there is no lake to read."""

    watched: tuple[Watched, ...]
    queue: QueuePage | None
    asked: RumoursQuery | None


def list_watched(viewer: Person, facts: LakeFacts | None, days: Mapping[str, str]) -> WatchList:
    """Return everybody on the watch list with what the queue of some days holds of them.

    ``days``: ``from`` and ``to`` as addresses give them, the usual ones where they do not. Raises BadInput.
    """
    kols = list(Kol.objects.filter(is_watched=True).prefetch_related("accounts").order_by("name"))
    asked, queue, traces = None, None, {}
    if facts is not None:
        asked = parse_rumours(
            {"brand": ALL, **{name: days[name] for name in ("from", "to") if name in days}}, get_bounds(viewer, facts)
        )
        queue = evidence.get_queue(viewer, asked)
        traces = _find_traces(queue.cards, [one.actor for kol in kols for one in kol.accounts.all() if one.actor])
    watched = [_describe(kol, traces) for kol in kols]
    watched.sort(key=lambda one: (not one.traces, one.kol.name))
    return WatchList(tuple(watched), queue, asked)


def get_watched(viewer: Person, kol_id: int, facts: LakeFacts | None, days: Mapping[str, str]) -> Watched:
    """Return one watched KOL; raises NotFound for who is not on the list."""
    found = next((one for one in list_watched(viewer, facts, days).watched if one.kol.pk == kol_id), None)
    if found is None:
        raise NotFound(_("This KOL is not on the watch list."), mend=_("Put it on the list first, with a reason."))
    return found


def _describe(kol: Kol, traces: dict[str, list[Trace]]) -> Watched:
    accounts = tuple(kol.accounts.all())
    found = tuple(trace for one in accounts if one.actor for trace in traces.get(one.actor, ()))
    posts = {*kol.watched_posts, *(name for trace in found for name in trace.posts)}
    cases = CaseMention.objects.filter(key__in=posts).order_by("case").values_list("case", flat=True).distinct()
    return Watched(kol, accounts, found, tuple(cases))


def _find_traces(cards: Sequence[Card], actors: Iterable[str]) -> dict[str, list[Trace]]:
    """Return by actor which claims they wrote a copy of, or answered or reposted a copy of."""
    wanted = sorted(set(actors))
    lead_of = {name: place for place, card in enumerate(cards) for name in card.entry.candidate.posts}
    if not wanted or not lead_of:
        return {}
    first = min(card.entry.time for card in cards).astimezone(UTC).date()
    places = ibis.memtable(pa.table({"post": list(lead_of)}))
    people = ibis.memtable(pa.table({"who": wanted}))

    def choose(events: ir.Table) -> ir.Table:
        theirs = events.semi_join(people, [("actor", "who")])
        columns = {"id": theirs.id, "actor": theirs.actor, "parent": theirs.parent, "time": theirs.time}
        wrote = theirs.select(**columns, claim=theirs.id).semi_join(places, [("claim", "post")])
        near = theirs.filter(theirs.day >= ibis.literal(first)).select(**columns, claim=theirs.parent)
        return wrote.union(near.semi_join(places, [("claim", "post")])).order_by("time", "id")

    wrote: dict[tuple[str, int], list[str]] = defaultdict(list)
    passed: dict[tuple[str, int], list[str]] = defaultdict(list)
    for row in SliceReader.open(get_lake()).run(choose, "events").to_pylist():
        kept = wrote if row["id"] == row["claim"] else passed
        kept[row["actor"], lead_of[row["claim"]]].append(row["id"])
    found: dict[str, list[Trace]] = defaultdict(list)
    for actor, place in sorted({*wrote, *passed}):
        key = (actor, place)
        found[actor].append(Trace(cards[place], tuple(wrote[key]), tuple(passed[key])))
    return dict(found)

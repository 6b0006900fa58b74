"""All reads of cases: the list by what burns next, one case as its records make it, and what a customer may see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from canyu import care
from canyu.care import CaseEvent
from canyu.care.timeline import Entry, list_timeline
from canyu.kit.errors import NotFound
from canyu.ops.care.models import Case, CaseMention, CaseMessage, CaseRecord, Notice
from canyu.ops.care.records import load_events
from canyu.ops.care.rules import digest_token
from canyu.ops.people.models import Person

MOST_MENTIONS = 100
MOST_IN_FILE, CHUNK = 200_000, 2_000
YES, NO = (True,), (False,)
"""Written as a list of one: for a bare boolean SQLite reads no index, and sorts 100,000 rows to show fifty."""
ORDERS = {"burns": ("burns_at", "pk"), "newest": ("-opened_at", "-pk"), "severity": ("-severity", "burns_at", "pk")}
STANDS = ("open", "missed", "solved", "all")


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What the list shows; empty fields mean all."""

    stand: str = "open"
    kind: str = ""
    assignee: str = ""
    product: str = ""
    q: str = ""
    order: str = "burns"


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of the list, and how many cases there are in all."""

    rows: tuple[Case, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class OneCase:
    """A case with everything that its page shows."""

    row: Case
    state: care.Case
    entries: tuple[tuple[Entry, CaseMessage | None], ...]
    mentions: tuple[CaseMention, ...]
    mention_count: int
    notices: tuple[Notice, ...]
    stream_at: int
    """The number of the last record of all cases when it was read."""


def list_cases(viewer: Person, asked: CaseFilter, page: int, rows: int) -> CasePage:  # noqa: ARG001 - viewer first
    """Return a page of cases in the order asked for; of the open ones first what is due next."""
    chosen = _choose(asked)
    total = chosen.count()
    pages = max(-(-total // rows), 1)
    page = min(page, pages)
    order = ORDERS.get(asked.order, ORDERS["burns"])
    found = chosen.order_by(*order)[(page - 1) * rows : page * rows]
    return CasePage(tuple(found), total, page, pages)


def list_all_cases(viewer: Person, asked: CaseFilter) -> Iterator[Case]:  # noqa: ARG001 - viewer first
    """Yield every case of a list in its order, some at a time."""
    order = ORDERS.get(asked.order, ORDERS["burns"])
    yield from _choose(asked).order_by(*order)[:MOST_IN_FILE].iterator(chunk_size=CHUNK)


def _choose(asked: CaseFilter) -> QuerySet[Case]:
    chosen = Case.objects.all()
    if asked.stand in {"open", "missed"}:
        chosen = chosen.filter(is_open__in=YES)
    if asked.stand == "missed":
        chosen = chosen.filter(is_missed__in=YES)
    if asked.stand == "solved":
        chosen = chosen.filter(is_open__in=NO)
    for name in ("kind", "assignee", "product"):
        if value := getattr(asked, name):
            chosen = chosen.filter(**{name: value})
    if asked.q:
        chosen = chosen.filter(Q(title__icontains=asked.q) | Q(pk=read_number(asked.q)))
    return chosen


def read_number(text: str) -> int:
    """Return the key of a number as people write it, 0 for none.

    >>> read_number("C000012"), read_number(" 12 "), read_number("x")
    (12, 12, 0)
    """
    plain = text.strip().removeprefix("C").removeprefix("c")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 18 else 0


def get_case(viewer: Person, case_id: int) -> Case:  # noqa: ARG001 - reads take the viewer first
    """Return a case; raises NotFound."""
    return need_case(Case.objects.filter(pk=case_id).first())


def need_case(found: Case | None) -> Case:
    """Return the case that was found; raises NotFound for none."""
    if found is None:
        raise NotFound(_("There is no such case."), mend=_("Open it from the list of cases."))
    return found


def derive(case_id: int, now: datetime) -> care.Case:
    """Return a case as its records make it at a moment."""
    return care.derive_case(load_events([case_id])[case_id], now)


def read_case(viewer: Person, case_id: int, now: datetime) -> OneCase:
    """Return a case with its timeline, mentions and notices; raises NotFound."""
    stream_at = find_last_record()  # first: what is written from now on is news
    row = get_case(viewer, case_id)
    events = load_events([row.pk])[row.pk]
    mentions = list(row.mentions.order_by("-at", "-pk")[:MOST_MENTIONS])
    return OneCase(
        row,
        care.derive_case(events, now),
        tuple(_list_entries(row, events)),
        tuple(mentions),
        row.mentions.count(),
        tuple(row.notices.order_by("crossed_at", "pk")),
        stream_at,
    )


def find_last_record() -> int:
    """Return the number of the last record of all cases: from here on a page listens for news."""
    return CaseRecord.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def find_by_token(token: str) -> Case | None:
    """Return the case that a secret link belongs to."""
    return Case.objects.filter(link_digest=digest_token(token)).first() if token else None


def list_seen_outside(case: Case) -> list[CaseMessage]:
    """Return the messages that the customer of a case may see: theirs, and answers to them or in public.

    Of a case that theirs went on in, only what was said in public: another customer's answers are not theirs.
    """
    outside = (care.Audience.CUSTOMER.value, care.Audience.PUBLIC.value)
    found = list(CaseMessage.objects.filter(case=case, audience__in=outside))
    into, seen = _find_target(case), {case.pk}
    while into is not None and into.pk not in seen:
        seen.add(into.pk)
        public = CaseMessage.objects.filter(case=into, audience=care.Audience.PUBLIC.value, is_customer=False)
        found += list(public)
        into = _find_target(into)
    return sorted(found, key=lambda row: (row.at, row.pk))


def list_open_of_policy(policy: str) -> list[int]:
    """Return the open cases whose copy in force is of a policy's name, the oldest first."""
    open_cases = list(Case.objects.filter(is_open=True).order_by("pk").values_list("pk", flat=True))
    found = []
    for case_id, events in load_events(open_cases).items():
        given = [each.policy for each in events if isinstance(each, care.case_events.PolicyGiven)]
        if given and given[-1] is not None and given[-1].name == policy:
            found.append(case_id)
    return found


def _find_target(case: Case) -> Case | None:
    merged = case.records.filter(type=care.case_events.MergedInto.name).first()
    return Case.objects.filter(pk=int(merged.body["case"])).first() if merged else None


def _list_entries(row: Case, events: Sequence[CaseEvent]) -> list[tuple[Entry, CaseMessage | None]]:
    words = {str(message.pk): message for message in row.messages.all()}
    entries = list_timeline(events)
    said = [each.message if isinstance(each, care.case_events.Said) else "" for each in events]
    return [(entry, words.get(key)) for entry, key in zip(entries, said, strict=True)]

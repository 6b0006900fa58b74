"""All reads of challenges; staff's reads take the viewer first."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.ops.campaigns.challenges.models import Challenge, Entrant, Entry, EntryStep, Vote
from canyu.ops.campaigns.challenges.rules import EntryState, ScoreRule, VoteState, Way, find_midnight
from canyu.ops.campaigns.models import Campaign
from canyu.ops.campaigns.rules import CampaignState
from canyu.ops.people.models import Person

BOARD = 100
MOST_DAYS = 31
ENTRY = ("challenge__campaign", "entrant")
# Asked on each look at the board: Django takes some milliseconds to write such a statement, the database none.
SEQ = "SELECT score_seq FROM challenges_challenge WHERE id = %s"
FIRST = """
SELECT id, name, score, reached_us FROM challenges_entrant WHERE challenge_id = %s AND score IS NOT NULL
ORDER BY score DESC, reached_us, id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Place:
    """One row of the board; equal scores have different places. ``id`` is the entrant's, ``name`` what they chose."""

    rank: int
    id: int
    name: str
    score: int
    reached_us: int


@dataclass(frozen=True, slots=True)
class EntriesPage:
    """Entries of one state, newest first; ``before`` leads on, None at the end."""

    rows: list[Entry]
    before: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """How many entrants have an entry shown, entries by state, and votes by state."""

    entrants: int
    entries: dict[str, int]
    votes: dict[str, int]


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One day of the market: entries that came, people who sent them, and votes."""

    day: date
    entries: int
    people: int
    votes: int


@dataclass(frozen=True, slots=True)
class HeldVotes:
    """The held votes of one entry, with what speaks against them."""

    entry: Entry
    votes: int
    signs: dict[str, int]


def find_challenge(campaign: Campaign) -> Challenge | None:
    """Return the challenge of a campaign, None where it has none."""
    return Challenge.objects.select_related("campaign").filter(campaign=campaign).first()


def get_challenge(viewer: Person, campaign_id: int) -> Challenge:  # noqa: ARG001 - reads take the viewer first
    """Return the challenge of a campaign; raises NotFound."""
    found = Challenge.objects.select_related("campaign").filter(campaign_id=campaign_id).first()
    if found is None:
        raise NotFound(_("This campaign has no challenge."), mend=_("Set one up from its plan."))
    return found


def load_rule(challenge: Challenge) -> ScoreRule:
    """Return what counts for the score."""
    return ScoreRule(**challenge.weights)


def is_open(challenge: Challenge, now: datetime) -> bool:
    """Say whether entries and votes are taken at an instant: from the opening on, and before the closing."""
    return challenge.campaign.state == CampaignState.LIVE and challenge.opens_at <= now < challenge.closes_at


def tell_reset(challenge: Challenge, now: datetime) -> str:
    """Return from when somebody may go on: midnight of the market."""
    midnight = find_midnight(now, challenge.zone)
    return _("From %(when)s (%(zone)s) on you may go on.") % {
        "when": f"{midnight:%Y-%m-%d %H:%M}",
        "zone": challenge.zone,
    }


def count_entries_of_day(entrant: Entrant, day: date) -> int:
    """Return how many entries of a person count for a day's limit: refused ones do not, withdrawn ones do."""
    return Entry.objects.filter(entrant=entrant, day=day).exclude(state=EntryState.REFUSED).count()


def mark_entry(entry: Entry) -> str:
    """Return the mark of all that anybody would see of an entry: who decides says by it what they looked at."""
    told = (entry.entrant.name, entry.text, entry.link, entry.media, entry.post)
    return hashlib.blake2b("\x1f".join(told).encode("utf-8", "replace"), digest_size=12).hexdigest()


def get_entry(challenge: Challenge, entry_id: int) -> Entry:
    """Return an entry in any state; raises NotFound."""
    return _get(Entry.objects.filter(challenge=challenge, pk=entry_id))


def get_shown(challenge: Challenge, entry_id: int) -> Entry:
    """Return an entry that the public may see; raises NotFound."""
    return _get(Entry.objects.filter(challenge=challenge, pk=entry_id, state=EntryState.SHOWN))


def list_board(challenge: Challenge, most: int = BOARD) -> list[Place]:
    """Return the first places: the higher score, then who reached it earlier, then the lower id; from the index."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST, [challenge.pk, most])
        return [Place(rank, *row) for rank, row in enumerate(cursor.fetchall(), start=1)]


def read_seq(challenge_id: int) -> int:
    """Return how many changes of places there have been in a challenge."""
    with connection.cursor() as cursor:
        cursor.execute(SEQ, [challenge_id])
        return int(cursor.fetchone()[0])


def find_entrant(challenge: Challenge, person: str) -> Entrant | None:
    """Return a person's place in a challenge, None where they have none."""
    return Entrant.objects.filter(challenge=challenge, person=person).first() if person else None


def list_own(entrant: Entrant) -> list[Entry]:
    """Return a person's own entries in any state, newest first."""
    return list(entrant.entries.order_by("-pk")[:50])


def list_entries(challenge: Challenge, state: str, before: int | None, size: int) -> EntriesPage:
    """Return entries of one state, newest first, the ones before an id; as fast on the last page as on the first."""
    found = Entry.objects.filter(challenge=challenge, state=state).select_related("entrant").order_by("-pk")
    rows = list((found.filter(pk__lt=before) if before else found)[: size + 1])
    return EntriesPage(rows[:size], rows[size - 1].pk if len(rows) > size else None)


def list_history(viewer: Person, entry: Entry) -> list[EntryStep]:  # noqa: ARG001 - reads take the viewer first
    """Return what was done to an entry, in order."""
    return list(entry.steps.order_by("pk"))


def list_last_steps(viewer: Person, challenge: Challenge, most: int = 10) -> list[EntryStep]:
    """Return what the viewer did last, newest first: what they may want to take back."""
    found = EntryStep.objects.filter(entry__challenge=challenge, who=viewer.username)
    return list(found.select_related("entry__entrant").order_by("-pk")[:most])


def count_entries(viewer: Person, challenge: Challenge) -> dict[str, int]:  # noqa: ARG001 - reads take the viewer first
    """Return how many entries are in each state."""
    entries = Counter(dict(challenge.entries.order_by().values_list("state").annotate(Count("pk"))))
    return {state.value: entries[state.value] for state in EntryState}


def measure_figures(viewer: Person, challenge: Challenge) -> Figures:
    """Return how many take part, entered and voted."""
    votes = Counter(dict(challenge.votes.order_by().values_list("state").annotate(Count("pk"))))
    return Figures(
        challenge.entrants.filter(score__isnull=False).count(),
        count_entries(viewer, challenge),
        {state.value: votes[state.value] for state in VoteState},
    )


def list_days(viewer: Person, challenge: Challenge) -> list[DayFigures]:  # noqa: ARG001 - reads take the viewer first
    """Return the newest days of the market on which something happened."""
    entries = challenge.entries.order_by("-day").values_list("day")
    came = {
        day: (total, people)
        for day, total, people in entries.annotate(Count("pk"), Count("entrant", distinct=True))[:MOST_DAYS]
    }
    votes = dict(challenge.votes.order_by("-day").values_list("day").annotate(Count("pk"))[:MOST_DAYS])
    days = sorted({*came, *votes}, reverse=True)[:MOST_DAYS]
    return [DayFigures(day, *came.get(day, (0, 0)), votes=votes.get(day, 0)) for day in days]


def list_held(viewer: Person, challenge: Challenge, most: int = 50) -> list[HeldVotes]:  # noqa: ARG001 - reads take the viewer first
    """Return the entries with held votes, with most of them first."""
    held = Vote.objects.filter(challenge=challenge, state=VoteState.HELD).order_by()
    first = held.values_list("entry").annotate(total=Count("pk")).order_by("-total", "entry")[:most]
    ids = [entry_id for entry_id, _total in first]
    counted = _count_held(held.filter(entry__in=ids))
    entries = Entry.objects.select_related("entrant").in_bulk(ids)
    return [HeldVotes(entries[entry_id], *counted[entry_id]) for entry_id in ids if entry_id in counted]


def count_held(viewer: Person, entry: Entry) -> HeldVotes:  # noqa: ARG001 - reads take the viewer first
    """Return the held votes of one entry."""
    counted = _count_held(Vote.objects.filter(entry=entry, state=VoteState.HELD).order_by())
    return HeldVotes(entry, *counted.get(entry.pk, (0, {})))


def list_texts(challenge: Challenge, most: int) -> list[tuple[int, str]]:
    """Return the newest entries with words in them, for looking whether one says what another said."""
    found = challenge.entries.filter(~Q(text="")).exclude(state=EntryState.WITHDRAWN).order_by("-pk")
    return list(found.values_list("pk", "text")[:most])


def find_same_links(challenge: Challenge, links: list[str]) -> dict[str, int]:
    """Return the first entry of each of these links."""
    found = challenge.entries.filter(link__in=[link for link in links if link]).order_by()
    return dict(found.values_list("link").annotate(Min("pk")))


def list_collecting(now: datetime) -> list[Challenge]:
    """Return the challenges that take posts from the lake: from the opening on, while their campaign is live."""
    live = Challenge.objects.filter(campaign__state=CampaignState.LIVE, opens_at__lte=now)
    return [one for one in live.select_related("campaign").order_by("pk") if Way.POST in one.ways]


def _count_held(held: QuerySet[Vote, Vote]) -> dict[int, tuple[int, dict[str, int]]]:
    """Return for each entry how many votes are held, and how many by each sign; the database counts."""
    found: dict[int, tuple[int, dict[str, int]]] = {}
    for entry_id, told, votes in held.values_list("entry", "signs").annotate(Count("pk")):
        total, signs = found.get(entry_id, (0, {}))
        found[entry_id] = total + votes, signs | {sign: signs.get(sign, 0) + votes for sign in told}
    return found


def _get(found: QuerySet[Entry, Entry]) -> Entry:
    entry: Entry | None = found.select_related(*ENTRY).first()
    if entry is None:
        raise NotFound(_("There is no such entry."), mend=_("It may have been withdrawn; open the challenge again."))
    return entry

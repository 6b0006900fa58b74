"""All reads of talks: by a secret link, for staff, by weeks, and what no article answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.core import signing
from django.db.models import Count, Max, Q
from django.db.models.functions import TruncWeek
from django.utils.crypto import salted_hmac

from canyu.care.assistant import DraftArticle, draft_articles
from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.ops.config import load_config
from canyu.ops.knowledge.models import Outcome, Talk, Turn
from canyu.ops.knowledge.queries import list_quotable
from canyu.ops.knowledge.rules import FIGURES, GAP_DAYS, MOST_CLUSTERED, UNANSWERED, WEEKS, find_week
from canyu.ops.people.models import Person

LINK = "canyu.knowledge.link"


@dataclass(frozen=True, slots=True)
class TalkFilter:
    """Which talks the list shows; empty fields mean all. ``reason``: of a hand-over, ``any`` for each of them."""

    q: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TalkPage:
    """One page of talks with their first questions, and how many there are in all."""

    rows: tuple[tuple[Talk, str, int], ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ShownSource:
    """An article that a turn names; ``is_public``: it has a page of its own."""

    slug: str
    title: str
    is_public: bool


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """A turn as it is shown now, with the articles it names that may be quoted still.

    ``is_stale``: its answer is from an article that may not be quoted any more, in that version.
    """

    row: Turn
    is_stale: bool
    sources: tuple[ShownSource, ...]
    related: tuple[ShownSource, ...]


@dataclass(slots=True)
class Week:
    """What was asked in one week, by figure."""

    monday: date
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys((each.key for each in FIGURES), 0))


def make_link(talk: Talk) -> str:
    """Return the secret part of a talk's link: the key, signed; it can neither be guessed nor found in the database."""
    return signing.Signer(salt=LINK, sep=".").sign(talk.key)


def make_case_token(talk: Talk) -> str:
    """Return the secret of the link of a talk's case, which its page can make again; the case keeps a digest alone."""
    return salted_hmac("canyu.knowledge.case", talk.key, algorithm="sha256").hexdigest()


def find_by_link(link: str) -> Talk | None:
    """Return the talk of a link, or None."""
    try:
        key = signing.Signer(salt=LINK, sep=".").unsign(link)
    except signing.BadSignature:
        return None
    return Talk.objects.filter(key=key).select_related("case").first()


def find_by_form(form: str) -> Talk | None:
    """Return the talk that a form began, or None."""
    return Talk.objects.filter(form=form).first()


def count_unsure(talk: Talk) -> int:
    """Return how often the assistant was unsure since it last answered: of two questions in a row it hands one over."""
    answered = talk.turns.filter(outcome=Outcome.ANSWER).aggregate(last=Max("pk"))["last"] or 0
    return talk.turns.filter(outcome=Outcome.ASK_BACK, pk__gt=answered).count()


def list_turns(talk: Talk, now: datetime) -> list[ShownTurn]:
    """Return the turns of a talk in their order; what quotes an article that changed since is marked."""
    rows = list(talk.turns.order_by("pk"))
    current = list_quotable((each["article"] for row in rows for each in row.sources), now)
    return [_show(row, current) for row in rows]


def get_talk(viewer: Person, talk_id: int) -> Talk:  # noqa: ARG001 - reads take the viewer first
    """Return a talk. Raises NotFound."""
    found = Talk.objects.filter(pk=talk_id).select_related("case").first()
    if found is None:
        raise NotFound(
            Words("没有这次对话；旧的对话会删除。", "There is no such talk; old ones are dropped."),
            mend=Words("请从对话列表打开。", "Open it from the list of talks."),
        )
    return found


def list_talks(viewer: Person, asked: TalkFilter, page: int, rows: int) -> TalkPage:  # noqa: ARG001 - viewer first
    """Return a page of talks, the newest first."""
    chosen = Talk.objects.all()
    if asked.reason:
        chosen = chosen.exclude(reason="") if asked.reason == "any" else chosen.filter(reason=asked.reason)
    if asked.q:
        words = Q(question__icontains=asked.q) | Q(text__icontains=asked.q)
        chosen = chosen.filter(pk__in=Turn.objects.filter(words).values("talk"))
    total = chosen.count()
    pages = max(-(-total // rows), 1)
    page = min(max(page, 1), pages)
    found = list(chosen.order_by("-last_at", "-pk").select_related("case")[(page - 1) * rows : page * rows])
    first: dict[int, str] = {}
    counts: dict[int, int] = {}
    mine = Turn.objects.filter(talk__in=found).order_by("-pk").values_list("talk_id", "question")
    for talk_id, question in mine:
        first[talk_id or 0], counts[talk_id or 0] = question, counts.get(talk_id or 0, 0) + 1
    told = tuple((row, first.get(row.pk, ""), counts.get(row.pk, 0)) for row in found)
    return TalkPage(told, total, page, pages)


def list_weeks(viewer: Person, now: datetime) -> list[Week]:  # noqa: ARG001 - reads take the viewer first
    """Return the last weeks by the brand's clock, the newest first; the current one is not over."""
    zone = load_config().zone
    this = find_week(now, zone)
    weeks = {monday: Week(monday) for at in range(WEEKS) for monday in (this - timedelta(weeks=at),)}
    since = datetime.combine(min(weeks), datetime.min.time(), ZoneInfo(zone))
    rows = Turn.objects.filter(at__gte=since).annotate(week=TruncWeek("at", tzinfo=ZoneInfo(zone)))
    for moment, outcome, reason, count in (
        rows.values("week", "outcome", "reason").annotate(n=Count("pk")).values_list("week", "outcome", "reason", "n")
    ):
        week = weeks.get(find_week(moment, zone))
        for key in ("questions", outcome, reason) if week else ():
            if week and key in week.counts:
                week.counts[key] += count
    return list(weeks.values())


def list_gaps(viewer: Person, now: datetime) -> list[DraftArticle]:  # noqa: ARG001 - reads take the viewer first
    """Return drafts of the articles that are missing, by the questions of the last months that none answered."""
    since = now - timedelta(days=GAP_DAYS)
    rows = Turn.objects.filter(at__gte=since, reason__in=UNANSWERED).exclude(question="")
    return draft_articles(rows.order_by("-pk").values_list("question", flat=True)[:MOST_CLUSTERED])


def _show(row: Turn, current: dict[str, tuple[int, bool]]) -> ShownTurn:
    holding = [each for each in row.sources if current.get(each["article"], (0, False))[0] == each["version"]]
    quoted, related = (
        tuple(
            ShownSource(each["article"], each["title"], current[each["article"]][1])
            for each in holding
            if each["is_related"] is kind
        )
        for kind in (False, True)
    )
    is_stale = row.outcome == Outcome.ANSWER and len(quoted) < sum(not each["is_related"] for each in row.sources)
    return ShownTurn(row, is_stale, quoted, related)

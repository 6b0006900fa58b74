"""All reads of corrections and retrained models; the viewer comes first."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.listen import feedback
from canyu.listen.feedback import LEAST_CORRECTIONS
from canyu.listen.sentiment import load_sentiment
from canyu.ops.config import load_config
from canyu.ops.labels.models import Correction, RetrainedModel
from canyu.ops.labels.rules import (
    SHIPPED,
    STANDING,
    Compared,
    Filters,
    is_worse,
    load_figures,
    read_sentiment_version,
)
from canyu.ops.lakes import find_lake
from canyu.ops.people.models import Person
from canyu.ops.people.rules import CORRECT_LABELS

MOST_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One correction with its place among the standing ones, which the engine's refusals name."""

    correction: Correction
    place: int | None


@dataclass(frozen=True, slots=True)
class CorrectionsPage:
    """One page of corrections, newest first."""

    rows: tuple[Row, ...]
    total: int
    page: int
    pages: int
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the model with its figures before and after."""

    row: RetrainedModel
    figures: list[Compared]

    @property
    def is_worse(self) -> bool:
        """Whether it is clearly worse somewhere than the one that it came from."""
        return is_worse(self.figures)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many corrections stand, by label, and how many more a retraining needs."""

    total: int
    by_label: dict[str, int]

    @property
    def missing(self) -> int:
        """How many are missing until a retraining is possible."""
        return max(LEAST_CORRECTIONS - self.total, 0)


@dataclass(frozen=True, slots=True)
class Versions:
    """Every version that there is, the shipped one's name, which is active and which one the pages show."""

    list: tuple[Version, ...]
    shipped: str
    active: str
    heard: str

    @property
    def is_shipped(self) -> bool:
        """Whether the shipped model is active."""
        return self.active == self.shipped

    @property
    def is_heard(self) -> bool:
        """Whether the newest finished listening was with the active version."""
        return self.heard == self.active


def list_corrections(viewer: Person, filters: Filters) -> CorrectionsPage:  # noqa: ARG001 - reads take the viewer first
    """Return one page of corrections, newest first."""
    rows = Correction.objects.filter(withdrawn_at__isnull=filters.state == STANDING)
    rows = rows.filter(label=filters.label) if filters.label else rows
    rows = rows.filter(who=filters.who) if filters.who else rows
    total, size = rows.count(), load_config().page_rows
    pages = max(1, -(-total // size))
    page = min(filters.page, pages)
    chosen = list(rows.order_by("-made_at", "-pk")[(page - 1) * size : page * size])
    places = {name: at for at, name in enumerate(_list_standing_ids(), 1)} if filters.state == STANDING else {}
    people = tuple(Correction.objects.order_by("who").values_list("who", flat=True).distinct())
    return CorrectionsPage(tuple(Row(one, places.get(one.pk)) for one in chosen), total, page, pages, people)


def count_standing(viewer: Person) -> Standing:  # noqa: ARG001 - reads take the viewer first
    """Return how many corrections stand, by label."""
    rows = Correction.objects.filter(withdrawn_at=None).values("label").annotate(n=Count("pk"))
    by_label = {row["label"]: row["n"] for row in rows}
    return Standing(sum(by_label.values()), by_label)


def get_correction(viewer: Person, correction_id: int) -> Correction:  # noqa: ARG001 - reads take the viewer first
    """Return one standing correction; raises NotFound."""
    found = Correction.objects.filter(pk=correction_id, withdrawn_at=None).first()
    if found is None:
        raise NotFound(_("There is no such correction."), mend=_("It may have been withdrawn."))
    return found


def find_correction(viewer: Person, event_id: str) -> Correction | None:
    """Return what stands of one post; None where nothing does, or the viewer may not correct."""
    if not viewer.has_perm(CORRECT_LABELS):
        return None
    return Correction.objects.filter(event_id=event_id, withdrawn_at=None).first()


def find_last_correction(viewer: Person) -> Correction | None:
    """Return what the viewer labelled last, to take it back."""
    return Correction.objects.filter(who=viewer.username, withdrawn_at=None).order_by("-made_at", "-pk").first()


def list_labelled_ids(viewer: Person) -> frozenset[str]:  # noqa: ARG001 - reads take the viewer first
    """Return the posts that have a standing correction."""
    return frozenset(Correction.objects.filter(withdrawn_at=None).values_list("event_id", flat=True))


def list_lessons() -> list[tuple[str, feedback.Correction]]:
    """Return every standing correction with its post, oldest first, as the engine reads them."""
    rows = Correction.objects.filter(withdrawn_at=None).order_by("pk")
    return [(row.event_id, feedback.Correction(row.text, row.label, row.who, row.made_at)) for row in rows]


def list_event_ids() -> list[str]:
    """Return every post that a correction, standing or withdrawn, is about."""
    return sorted(set(Correction.objects.values_list("event_id", flat=True)))


def list_versions(viewer: Person) -> Versions:  # noqa: ARG001 - reads take the viewer first
    """Return the newest versions, newest first, and which is active."""
    rows = list(RetrainedModel.objects.exclude(version="").order_by("-number")[:MOST_VERSIONS])
    shipped = load_sentiment().version
    active = next((row.version for row in rows if row.is_active), "") or _find_old_active() or shipped
    return Versions(tuple(Version(row, load_figures(row.figures)) for row in rows), shipped, active, _find_heard())


def get_version(viewer: Person, number: int) -> RetrainedModel:  # noqa: ARG001 - reads take the viewer first
    """Return one version by its number; raises NotFound."""
    found = RetrainedModel.objects.exclude(version="").filter(number=number).first()
    if found is None or number == SHIPPED:
        raise NotFound(_("There is no such version."), mend=_("Choose one from the list of versions."))
    return found


def _list_standing_ids() -> list[int]:
    return list(Correction.objects.filter(withdrawn_at=None).order_by("pk").values_list("pk", flat=True))


def _find_old_active() -> str:
    row = RetrainedModel.objects.filter(is_active=True).first()
    return row.version if row else ""


def _find_heard() -> str:
    from canyu.ops.insight.posts import Reading

    lake = find_lake()
    return "" if lake is None else read_sentiment_version(Reading(lake).find_model())

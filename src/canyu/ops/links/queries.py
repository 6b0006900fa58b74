"""All reads of short links: for the pages (the viewer first), and for the door that follows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum
from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.ops.config import load_config
from canyu.ops.links.models import LinkDay, ShortLink
from canyu.ops.links.rules import PERSONAL, Outcome
from canyu.ops.people.models import Person

PEOPLE = (Outcome.CLICK.value, Outcome.SCAN.value)


@dataclass(frozen=True, slots=True)
class LinkLine:
    """One link with its counts: clicks, scans, and everything that was no person, by reason."""

    row: ShortLink
    clicks: int
    scans: int
    others: dict[str, int]

    @property
    def others_total(self) -> int:
        """How many visits were not counted as people."""
        return sum(self.others.values())


@dataclass(frozen=True, slots=True)
class LinksPage:
    """One page of links, newest first."""

    lines: tuple[LinkLine, ...]
    total: int
    page: int
    pages: int


def list_links(viewer: Person, campaign: str, page: int) -> LinksPage:  # noqa: ARG001 - reads take the viewer first
    """Return one page of links: those of one campaign where one is named, else all but those made for one person."""
    rows = ShortLink.objects.filter(campaign=campaign) if campaign else ShortLink.objects.exclude(made_by=PERSONAL)
    total, size = rows.count(), load_config().page_rows
    pages = max(1, -(-total // size))
    page = min(max(page, 1), pages)
    chosen = list(rows.order_by("-made_at", "-pk")[(page - 1) * size : page * size])
    counts = count_visits([row.code for row in chosen])
    lines = tuple(_build_line(row, counts.get(row.code, {})) for row in chosen)
    return LinksPage(lines, total, page, pages)


def get_link(viewer: Person, link_id: int) -> ShortLink:  # noqa: ARG001 - reads take the viewer first
    """Return one link; raises NotFound."""
    found = ShortLink.objects.filter(pk=link_id).first()
    if found is None:
        raise NotFound(_("There is no such link."), mend=_("Choose one from the list."))
    return found


def count_visits(codes: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return code -> outcome -> visits over all days."""
    found: dict[str, dict[str, int]] = {}
    for row in LinkDay.objects.filter(code__in=codes).values("code", "outcome").annotate(total=Sum("n")):
        found.setdefault(row["code"], {})[row["outcome"]] = row["total"]
    return found


def list_days(viewer: Person, code: str) -> list[LinkDay]:  # noqa: ARG001 - reads take the viewer first
    """Return a link's counts by day, newest first."""
    return list(LinkDay.objects.filter(code=code).order_by("-day", "outcome")[:400])


def find_link(code: str) -> ShortLink | None:
    """Return a link by its code, for the door."""
    return ShortLink.objects.filter(code=code).first()


def list_changed(since: datetime) -> list[ShortLink]:
    """Return the links that were changed since then, for the door."""
    return list(ShortLink.objects.filter(changed_at__gte=since))


def _build_line(row: ShortLink, counts: dict[str, int]) -> LinkLine:
    others = {name: n for name, n in counts.items() if name not in PEOPLE}
    return LinkLine(row, counts.get(Outcome.CLICK, 0), counts.get(Outcome.SCAN, 0), others)

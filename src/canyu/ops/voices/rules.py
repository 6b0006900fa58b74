"""How an address becomes a view of aspects, storylines or topics; pure, no lake, no database."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from canyu.kit.errors import BadInput
from canyu.listen.aspects import load_taxonomy
from canyu.measure import OverviewQuery
from canyu.ops.insight.rules import Bounds, parse_overview

WITHOUT_COPIES = "without"
UNITS = ("day", "week")
DAYS_BY_DAY = 14
"""Up to so many days topics are told by day, from there on by week, unless the address says otherwise."""
TOPIC_DAYS = 28
MOST_TOPIC_DAYS = 400


def parse_copies(params: Mapping[str, str]) -> bool:
    """Return whether copies are to be left out; raises BadInput for a word that says neither."""
    return _choose(params, "copies", (WITHOUT_COPIES,)) == WITHOUT_COPIES


def parse_domain(params: Mapping[str, str]) -> str:
    """Return the kind of product whose aspects are shown, empty for all; raises BadInput for one there is not."""
    return _choose(params, "domain", [domain.id for domain in load_taxonomy().domains])


def parse_topics(params: Mapping[str, str], bounds: Bounds) -> tuple[OverviewQuery, str]:
    """Return the posts whose topics are asked for, and whether by day or by week; raises BadInput."""
    given = dict(params)
    if not given.get("from") and not given.get("days"):
        given["days"] = str(TOPIC_DAYS)
    query = parse_overview(given, bounds)
    days = (query.end - query.start).days + 1
    if days > MOST_TOPIC_DAYS:
        raise BadInput(_("The period has %d days.") % days, mend=_("Choose %d days at most.") % MOST_TOPIC_DAYS)
    return query, _choose(given, "unit", UNITS) or ("day" if days <= DAYS_BY_DAY else "week")


def _choose(params: Mapping[str, str], name: str, allowed: tuple[str, ...] | list[str]) -> str:
    value = params.get(name, "")
    if value and value not in allowed:
        raise BadInput(
            _("%(name)s=%(text)s is unknown.") % {"name": name, "text": repr(value[:40])},
            mend=_("Use one of: %s.") % ", ".join(allowed),
        )
    return value

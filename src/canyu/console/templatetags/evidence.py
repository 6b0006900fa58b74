"""Template tags of the pages of evidence: spans of time, shares with intervals, links to the posts behind."""

from __future__ import annotations

from math import exp
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from canyu.console.templatetags.canyu import bar
from canyu.kit.numbers import Interval, format_number
from canyu.listen.copies import Group
from canyu.listen.rumour_queue import Entry
from canyu.listen.rumours import Precision
from canyu.measure import OverviewQuery
from canyu.ops.config import load_config
from canyu.ops.evidence.coordination import CoordinationPage
from canyu.ops.evidence.copies import Cluster
from canyu.ops.evidence.words import say_percent, say_span
from canyu.ops.insight.rules import PostsQuery, Sort

register = template.Library()


@register.filter
def span(seconds: float) -> str:
    """Return a length of time in its two largest units."""
    return say_span(seconds).say(get_language() or "")


@register.filter
def with_interval(value: float | None, interval: Interval | None) -> str:
    """Return a number with no more digits than its interval allows."""
    return format_number(value, get_language() or "", interval)


@register.filter
def say_interval(interval: Interval | None) -> str:
    """Return an interval with no more digits than it allows."""
    if interval is None:
        return ""
    low, high = (format_number(edge, get_language() or "", interval) for edge in interval)
    return gettext("%(low)s to %(high)s") % {"low": low, "high": high}


@register.filter
def cluster_query(cluster: Cluster, query: PostsQuery) -> str:
    """Return the query of the posts of a cluster in the same view."""
    params = {
        "cluster": cluster.cluster_id,
        "own": "1" if query.is_own else "",
        "from": query.start.isoformat(),
        "to": query.end.isoformat(),
        "link": query.link,
        "channel": query.channel,
        "market": query.market,
    }
    return urlencode({name: value for name, value in params.items() if value})


@register.simple_tag
def bar_of(value: float, longest: float) -> SafeString:
    """Draw a bar of ``value`` where ``longest`` is the whole width."""
    return bar(100 * value / longest if longest else 0)


@register.filter
def percent_text(share: float | str) -> str:
    """Return a share as per cent without its sign, never 0 or 100 where it is not."""
    return say_percent(float(share))


@register.filter
def share_interval(interval: Interval) -> str:
    """Return an interval of shares as per cent."""
    low, high = (percent_text(edge) for edge in interval)
    return gettext("%(low)s to %(high)s") % {"low": low, "high": high}


@register.filter
def precision_interval(found: Precision) -> str:
    """Return the interval of a threshold's precision."""
    return share_interval((found.low, found.high))


@register.filter
def moved_percent(log_odds: float, shift: float) -> str:
    """Return the probability of these log-odds at another share of rumours."""
    return percent_text(1 / (1 + exp(-log_odds - shift)))


@register.filter
def signed(value: float) -> str:
    """Return a number with its sign."""
    return f"{value:+.1f}".replace("-", "−")


@register.filter
def copies_query(entry: Entry, query: OverviewQuery) -> str:
    """Return the query of the posts that say the same as a candidate."""
    params = {"cluster": entry.cluster_id or "", "from": query.start.isoformat(), "to": query.end.isoformat()}
    return urlencode(params)


@register.filter
def group_query(group: Group, query: OverviewQuery) -> str:
    """Return the query of a group's page in the same period."""
    return urlencode({"id": group.group_id, "from": query.start.isoformat(), "to": query.end.isoformat()})


@register.filter
def weeks_query(page: CoordinationPage) -> str:
    """Return the query of the posts of the whole weeks that were read."""
    days = {"from": page.first_day, "to": page.last_day}
    return urlencode({name: day.isoformat() for name, day in days.items() if day})


@register.filter
def group_posts(group: Group) -> str:
    """Return the query of a group's posts as a list: of the days on which it posted."""
    zone = ZoneInfo(load_config().zone)
    first, last = (moment.astimezone(zone).date().isoformat() for moment in (group.first_time, group.last_time))
    return urlencode({"group": group.group_id, "from": first, "to": last, "sort": Sort.OLDEST})


@register.filter
def small_number(value: float) -> str:
    """Return a probability with three decimals, and a bound where it is tiny: the hover holds the rest."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"

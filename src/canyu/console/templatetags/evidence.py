"""Template tags of the pages of evidence: spans of time, shares with intervals, links to the posts behind."""

from __future__ import annotations

from urllib.parse import urlencode

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from canyu.console.templatetags.canyu import bar
from canyu.kit.numbers import Interval, format_number
from canyu.ops.evidence.copies import Cluster
from canyu.ops.evidence.words import say_span
from canyu.ops.insight.rules import PostsQuery

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

"""Template tags: icons, texts in both languages, numbers as people write them, links that keep the view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import template
from django.template.context import RequestContext
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from canyu.kit.numbers import format_full, format_number
from canyu.kit.words import Words
from canyu.measure import Figure, OverviewQuery
from canyu.measure.channels import get_channel_label
from canyu.measure.markets import get_market_label
from canyu.measure.report.saying import say_change, say_once
from canyu.ops.config import load_config
from canyu.ops.insight.rules import ALL, Column

register = template.Library()
BAR = (
    '<svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
    '<rect width="{}" height="8"/></svg>'
)
NET_BAR = (
    '<svg class="meter net" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
    '<rect class="{}" x="{}" width="{}" height="8"/><path d="M50 0v8"/></svg>'
)
COLUMN_NAMES = {
    Column.TIME: _("Time"),
    Column.SENTIMENT: _("Sentiment"),
    Column.LINKS: _("About"),
    Column.CHANNEL: _("Channel"),
    Column.MARKET: _("Market"),
    Column.REPOSTS: _("Reposts"),
    Column.COMMENTS: _("Comments"),
    Column.LIKES: _("Likes"),
    Column.LANG: _("Language"),
}
VERB_NAMES = {
    "post": pgettext_lazy("verb", "post"),
    "repost": pgettext_lazy("verb", "repost"),
    "comment": pgettext_lazy("verb", "comment"),
    "like": pgettext_lazy("verb", "like"),
    "share": pgettext_lazy("verb", "share"),
    "reply": pgettext_lazy("verb", "reply"),
    "complain": pgettext_lazy("verb", "complaint"),
    "click": pgettext_lazy("verb", "click"),
    "view": pgettext_lazy("verb", "view"),
    "scan": pgettext_lazy("verb", "scan"),
    "visit": pgettext_lazy("verb", "visit"),
    "join": pgettext_lazy("verb", "join"),
    "submit": pgettext_lazy("verb", "entry"),
    "vote": pgettext_lazy("verb", "vote"),
    "order": pgettext_lazy("verb", "order"),
    "refund": pgettext_lazy("verb", "refund"),
    "claim": pgettext_lazy("verb", "claim"),
    "redeem": pgettext_lazy("verb", "redemption"),
    "contribute": pgettext_lazy("verb", "contribution"),
    "resolve": pgettext_lazy("verb", "resolution"),
    "rate": pgettext_lazy("verb", "rating"),
    "book": pgettext_lazy("verb", "booking"),
    "observe": pgettext_lazy("verb", "observation"),
}
ICONS = Path(__file__).resolve().parent.parent / "icons"


@lru_cache(maxsize=128)
def _read_icon(name: str) -> str:
    source = (ICONS / f"{name}.svg").read_text("utf-8")
    return source[source.index(">", source.index("<svg")) + 1 : source.rindex("</svg>")].strip()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one icon of the set into the page; it is decoration, so screen readers skip it."""
    shapes = mark_safe(_read_icon(name))  # noqa: S308 - our own file
    return format_html('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', shapes)


@register.filter
def say(words: Words | None) -> str:
    """Return the text in the page's language."""
    return words.say(get_language() or "") if words else ""


@register.filter
def number(value: float | None) -> str:
    """Return a number as the page's language writes it: 万 and 亿, or K and M; missing is a dash."""
    return format_number(value, get_language() or "")


@register.filter
def chance(p: float | None) -> str:
    """Return a probability with two digits, below a thousandth its bound; missing is a dash."""
    if p is None:
        return "—"
    return "< 0.001" if p < 0.001 else f"{p:.2g}"


@register.filter
def full_number(value: float | None) -> str:
    """Return every digit, grouped by thousands, for the hover."""
    return format_full(value)


@register.filter
def change(figure: Figure) -> str:
    """Return the change of a figure against the period before."""
    return say_change(figure, get_language() or "")


@register.filter
def once(figure: Figure) -> str:
    """Return a figure's value with copies left out, in words."""
    return say_once(figure, get_language() or "")


@register.filter
def value(figure: Figure) -> str:
    """Return a figure's value with no more digits than its interval allows."""
    text = _show_minus(format_number(figure.value, get_language() or "", figure.interval))
    is_balance = figure.name == "net_sentiment" and figure.value is not None
    return f"+{text}" if is_balance and text[0] not in "0−" else text


@register.filter
def local_time(moment: datetime | None) -> SafeString:
    """Return a time in the brand's zone, with the zone on hover."""
    if moment is None:
        return SafeString("—")
    local = moment.astimezone(ZoneInfo(load_config().zone))
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        f"{local:%Y-%m-%d %H:%M:%S} {load_config().zone} (UTC{local:%z})",
        f"{local:%Y-%m-%d %H:%M}",
    )


def _show_minus(text: str) -> str:
    """Write a minus sign instead of a hyphen, as the changes beside it do."""
    return text.replace("-", "−")


@register.filter
def interval(figure: Figure) -> str:
    """Return a figure's interval with no more digits than it allows."""
    if figure.interval is None:
        return ""
    language = get_language() or ""
    low, high = (_show_minus(format_number(edge, language, figure.interval)) for edge in figure.interval)
    return gettext("%(low)s to %(high)s") % {"low": low, "high": high}


@register.filter
def channel_name(channel: str | None) -> str:
    """Return a channel's name in the page's language."""
    return get_channel_label(channel).say(get_language() or "")


@register.filter
def market_name(market: str | None) -> str:
    """Return a market's name in the page's language; one that we do not know is shown as it is kept."""
    return get_market_label(market).say(get_language() or "")


@register.filter
def verb_name(verb: str) -> str:
    """Return what an answering event is called; a rare verb is shown as it is kept."""
    return str(VERB_NAMES.get(verb, verb))


@register.filter
def column_name(column: str) -> str:
    """Return the heading of a column of posts."""
    return str(COLUMN_NAMES[Column(column)])


@register.filter
def pick(labels: Mapping[str, Words], entry_id: str) -> str:
    """Return the name of a catalogue entry; an id that the catalogue no longer has is shown as it is."""
    return labels[entry_id].say(get_language() or "") if entry_id in labels else entry_id


@register.filter
def products_only(links: Iterable[str]) -> list[str]:
    """Leave out a brand whose product is named too: the product says it."""
    found = list(links)
    return [link for link in found if "/" in link or not any(other.startswith(f"{link}/") for other in found)]


@register.filter
def words(text: str) -> list[str]:
    """Split a template's own list at its spaces."""
    return text.split()


@register.filter
def id_query(event_id: str) -> str:
    """Return an event's id as the query of an address: ids come from outside and may hold any sign."""
    return urlencode({"id": event_id})


@register.filter
def percent(share: float | None) -> float:
    """Return a share from 0 to 1 as per cent."""
    return 100 * (share or 0)


@register.filter
def query_text(params: Mapping[str, str]) -> str:
    """Return parameters as the query of an address, without the empty ones."""
    return urlencode({name: value for name, value in params.items() if value})


@register.simple_tag
def bar(length: float) -> SafeString:
    """Draw a bar of 0 to 100; the number stands beside it, so that screen readers skip it."""
    return format_html(BAR, f"{min(max(length, 0), 100):.1f}")


@register.simple_tag
def net_bar(value: float) -> SafeString:
    """Draw a bar from the middle: to the right for more praise, to the left for more blame."""
    width = min(abs(value), 100) / 2
    return format_html(
        NET_BAR, "good" if value >= 0 else "bad", f"{50 if value >= 0 else 50 - width:.1f}", f"{width:.1f}"
    )


@register.simple_tag
def fixed_link(query: OverviewQuery) -> str:
    """Return the address of a view with its days written out, so that the link shows the same tomorrow."""
    params = {"from": query.start, "to": query.end, "brand": query.brand or ALL}
    params |= {"channel": query.channel, "market": query.market}
    return f"{reverse('pulse')}?{urlencode({name: value for name, value in params.items() if value})}"


@register.simple_tag(takes_context=True)
def kept_link(context: RequestContext, query: OverviewQuery) -> str:
    """Return the address of the present view with its days written out, so that the link shows the same tomorrow."""
    request = context["request"]
    days = {"from": query.start.isoformat(), "to": query.end.isoformat()}
    kept = {name: text for name, text in request.GET.items() if name not in {"days", "again", "page"}}
    return f"{request.path}?{urlencode({name: text for name, text in {**kept, **days}.items() if text})}"


@register.simple_tag(takes_context=True)
def link_with(context: RequestContext, **changes: str | int) -> str:
    """Return the present view's query string with some parameters changed; ``from_`` stands for ``from``."""
    params = context["request"].GET.copy()
    for name, text in changes.items():
        params.setlist(name.rstrip("_"), [str(text)] if str(text) else [])
    return "?" + urlencode([(name, text) for name, texts in params.lists() for text in texts if text])

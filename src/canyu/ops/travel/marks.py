"""What the marks of a tree say: names, numbers, colours, and where each leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from canyu.kit.numbers import format_full, format_number
from canyu.ops.evidence.words import say_span
from canyu.ops.insight.posts import Post
from canyu.ops.travel.drawing import Told
from canyu.ops.travel.one import OneCascade
from canyu.ops.travel.rules import Colour, OneQuery, TravelQuery, link_one
from canyu.spread.cascades.layout import Layout, Limits, Mark, lay_out

WIDE, SLIM = Limits(rows=36, levels=5), Limits(rows=18, levels=3)
STEPS_S = (3_600, 6 * 3_600, 24 * 3_600)
SIGNS = {"positive": " +", "negative": " −"}


@dataclass(frozen=True, slots=True)
class MarkMaker:
    """Makes the words of the marks of one cascade, in one language."""

    one: OneCascade
    view: TravelQuery
    asked: OneQuery
    posts: Mapping[str, Post]
    language: str

    def make(self, layout: Layout) -> list[Told]:
        """Return what each mark says, in order."""
        return [self._tell_rest(mark) if mark.is_rest else self._tell(mark) for mark in layout.marks]

    def _tell(self, mark: Mark) -> Told:
        row = self.one.tell(mark.node)
        name = row.account.say(self.language)
        mood = self._find_mood(row.id)
        number = format_number(mark.below, self.language) if mark.below else ""
        if self.asked.colour is Colour.MOOD:
            number += SIGNS.get(mood, "")
        fill = mood if self.asked.colour is Colour.MOOD else f"time{find_step(row.age_s)}"
        return Told(name, number, self._say(mark, name), self._link(mark, row.id), fill, row.is_sure)

    def _tell_rest(self, mark: Mark) -> Told:
        number = format_number(mark.below, self.language)
        spoken = ngettext("%(n)s more branch, drawn as one", "%(n)s more branches, drawn as one", mark.branches)
        told = ngettext("%(n)s repost in all", "%(n)s reposts in all", mark.below) % {"n": format_full(mark.below)}
        row = self.one.tell(mark.node)
        href = "#reposts" if mark.node == self.one.top else self._open(row.id) + "#reposts"
        spoken = f"{spoken % {'n': format_full(mark.branches)}}; {told}"
        return Told(_("the rest"), number, spoken, href, "rest", True)

    def _say(self, mark: Mark, name: str) -> str:
        row = self.one.tell(mark.node)
        parts = [name]
        if row.age_s is not None and not row.is_root:
            parts.append(_("after %s") % say_span(row.age_s).say(self.language))
        parts.append(ngettext("%(n)s repost below", "%(n)s reposts below", mark.below) % {"n": format_full(mark.below)})
        if not row.is_sure:
            parts.append(_("place guessed"))
        return ", ".join(parts)

    def _link(self, mark: Mark, event_id: str) -> str:
        if mark.node == self.one.top or not event_id:
            return ""
        if mark.below:
            return self._open(event_id) + "#tree"
        return f"{reverse('post')}?{urlencode({'id': event_id})}" if self.one.may_see else ""

    def _open(self, event_id: str) -> str:
        kept = {"colour": self.asked.colour, "scale": self.asked.scale}
        return "?" + link_one(self.view, self.asked.post, at=event_id, **kept)

    def _find_mood(self, event_id: str) -> str:
        post = self.posts.get(event_id)
        return (post.sentiment if post else None) or "none"


def list_layouts(one: OneCascade) -> tuple[Layout, Layout]:
    """Return the marks of the tree for a wide and for a slim page."""
    trees = one.travel.cascades
    return lay_out(trees, one.top, WIDE), lay_out(trees, one.top, SLIM)


def list_ids(one: OneCascade, layout: Layout) -> list[str]:
    """Return the ids of the reposts that stand alone."""
    return [one.ids[mark.node - one.start] for mark in layout.marks if not mark.is_rest]


def find_step(age_s: float | None) -> int:
    """Return the step of colour of an age: 0 within the first hour, 3 after the first day or where not known.

    >>> find_step(0.0), find_step(3_600.0), find_step(90_000.0), find_step(None)
    (0, 1, 3, 3)
    """
    return len(STEPS_S) if age_s is None else sum(age_s >= step for step in STEPS_S)

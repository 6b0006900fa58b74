"""All reads of what people say; the viewer comes first."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from canyu.events.catalogue import Catalogue, load_catalogue
from canyu.events.own_accounts import find_own_actors
from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.listen.linking import Linker, Span
from canyu.measure import Figure, Overview, OverviewQuery, Picture, compute_overview, forget_overviews
from canyu.ops.config import load_config
from canyu.ops.insight.posts import (
    Opinion,
    Post,
    PostsPage,
    count_answers,
    count_copies,
    export_posts,
    get_post,
    list_opinions,
    search_posts,
)
from canyu.ops.insight.rules import ASPECT_MARK, SHOWN_LETTERS, Bounds, Marked, PostsQuery, mark_parts
from canyu.ops.lakes import LakeFacts, get_lake
from canyu.ops.people.models import Person


@dataclass(frozen=True, slots=True)
class ReadPost:
    """One post as a page shows it: its text in marked parts, and what answered it."""

    post: Post
    parts: tuple[tuple[str, str], ...]
    is_cut: bool
    answers: dict[str, int]
    opinions: tuple[Opinion, ...] = ()
    copies: int = 0


@dataclass(frozen=True, slots=True)
class Rerun:
    """What computing a figure again gave."""

    seconds: float
    is_equal: bool


def get_bounds(viewer: Person, facts: LakeFacts) -> Bounds:  # noqa: ARG001 - reads take the viewer first
    """Return the days of the lake and the home brand of the catalogue."""
    return Bounds(facts.first_day, facts.last_day, load_config().zone, get_catalogue().home)


def get_overview(viewer: Person, query: OverviewQuery) -> Overview:  # noqa: ARG001 - reads take the viewer first
    """Return the overview; one is computed once per data version and kept."""
    return compute_overview(get_lake(), query, get_labels())


def get_figure(viewer: Person, query: OverviewQuery, name: str) -> Figure:
    """Return one figure of the overview; raises NotFound."""
    for figure in get_overview(viewer, query).figures:
        if figure.name == name:
            return figure
    raise NotFound(_("There is no figure %s.") % repr(name))


def get_picture(viewer: Person, query: OverviewQuery, name: str) -> Picture:
    """Return one picture of the overview; raises NotFound."""
    for picture in get_overview(viewer, query).pictures:
        if picture.name == name:
            return picture
    raise NotFound(_("There is no picture %s.") % repr(name))


def rerun_overview(viewer: Person, query: OverviewQuery) -> Rerun:
    """Compute the overview again from the files and say whether every digit is the same."""
    before = get_overview(viewer, query)
    forget_overviews()
    started = time.perf_counter()
    after = get_overview(viewer, query)
    same_figures = [figure.value for figure in before.figures] == [figure.value for figure in after.figures]
    same_tables = all(a.table.equals(b.table) for a, b in zip(before.pictures, after.pictures, strict=True))
    return Rerun(time.perf_counter() - started, same_figures and same_tables)


def list_posts(viewer: Person, query: PostsQuery) -> PostsPage:  # noqa: ARG001 - reads take the viewer first
    """Return one page of a search."""
    return search_posts(get_lake(), query, load_config().page_rows, find_own(query))


def list_posts_for_file(viewer: Person, query: PostsQuery) -> PostsPage:  # noqa: ARG001 - the viewer first
    """Return the posts of a search that a file holds: the first ``MOST_EXPORTED``."""
    return export_posts(get_lake(), query, find_own(query))


def find_own(query: PostsQuery) -> frozenset[str]:
    """Return the brands' own accounts where a search asks for them; else none, for it need not know."""
    return get_own_actors() if query.accounts else frozenset()


def get_own_actors() -> frozenset[str]:
    """Return the actors of the lake that the catalogue registers as brands' own accounts."""
    return find_own_actors(get_lake(), get_catalogue().accounts)


def read_post(viewer: Person, event_id: str) -> ReadPost:  # noqa: ARG001 - reads take the viewer first
    """Return one post with catalogue entries and aspects marked in its text; raises NotFound."""
    lake = get_lake()
    post = get_post(lake, event_id)
    shown = post.text[:SHOWN_LETTERS]
    opinions = list_opinions(lake, post)
    spans: list[Marked] = [*get_linker().find_spans(shown), *list_spans(opinions, len(shown))]
    parts, answers = tuple(mark_parts(shown, spans)), count_answers(lake, event_id)
    return ReadPost(post, parts, len(post.text) > len(shown), answers, tuple(opinions), count_copies(lake, post))


def list_spans(opinions: Iterable[Opinion], letters: int) -> list[Span]:
    """Return the words that name an aspect within the letters shown, under its id and what is thought of it."""
    return [
        Span(one.start, one.end, f"{ASPECT_MARK}{one.polarity}:{one.aspect}")
        for one in opinions
        if one.start is not None and one.end is not None and 0 <= one.start < one.end <= letters
    ]


@lru_cache(maxsize=1)
def get_catalogue() -> Catalogue:
    """Return the catalogue that the settings name, read once per process."""
    return load_catalogue(load_config().catalogue)


@lru_cache(maxsize=1)
def get_linker() -> Linker:
    """Return the linker over the catalogue, built once per process."""
    return Linker(get_catalogue())


@lru_cache(maxsize=1)
def get_labels() -> Mapping[str, Words]:
    """Return the name of every catalogue entry."""
    return {entry.id: entry.name for entry in get_catalogue().entries}

"""All reads of hot lists, measured series and share of voice; the viewer comes first."""

from __future__ import annotations

import time

import pyarrow as pa

from canyu.listen.text import pack_texts
from canyu.measure import OverviewQuery
from canyu.measure.facts import identify_lake
from canyu.measure.hotlists import HotLists, compute_hot_lists, forget_hot_lists
from canyu.measure.kept import Kept
from canyu.measure.series import Measured, Series, compute_series, list_series
from canyu.measure.voice import ShareOfVoice, compute_share_of_voice, forget_voices, list_field
from canyu.ops.hotlists.rules import IndexChoice
from canyu.ops.insight.queries import Rerun, get_catalogue, get_linker, get_own_actors
from canyu.ops.lakes import get_lake
from canyu.ops.people.models import Person

_ABOUT = Kept(32)


def get_hot_lists(viewer: Person, query: OverviewQuery) -> HotLists:  # noqa: ARG001 - reads take the viewer first
    """Return time on hot lists; computed once per data version and kept."""
    return compute_hot_lists(get_lake(), query)


def rerun_hot_lists(viewer: Person, query: OverviewQuery) -> Rerun:
    """Compute the page again from the files and say whether every digit is the same."""
    before = get_hot_lists(viewer, query)
    forget_hot_lists()
    started = time.perf_counter()
    after = get_hot_lists(viewer, query)
    is_equal = (before.brands, before.titles, before.whole) == (after.brands, after.titles, after.whole)
    return Rerun(time.perf_counter() - started, is_equal)


def list_measured(viewer: Person, query: OverviewQuery) -> tuple[Measured, ...]:  # noqa: ARG001 - the viewer first
    """Return what has a series in the period and names the brand or something of it."""
    lake = get_lake()
    key = (identify_lake(lake), lake.version("events"), query, get_linker().version)
    found: tuple[Measured, ...] | None = _ABOUT.find(key)
    if found is None:
        found = _keep_brand(list_series(lake, query), query.brand)
        _ABOUT.keep(key, found)
    return found


def get_series(viewer: Person, query: OverviewQuery, choice: IndexChoice) -> tuple[Series, ...]:  # noqa: ARG001
    """Return the series that are drawn."""
    return compute_series(get_lake(), query, choice.objects, (choice.metric,), choice.step)


def get_share_of_voice(
    viewer: Person,  # noqa: ARG001 - the viewer first
    query: OverviewQuery,
    without_own: bool,
) -> ShareOfVoice:
    """Return the brand's share among the catalogue's competitors; raises NotFound, BadInput where there is none.

    ``without_own`` leaves out the posts of the brands' own accounts that the catalogue registers.
    """
    without = get_own_actors() if without_own else None
    return compute_share_of_voice(get_lake(), query, list_field(get_catalogue(), query.brand), without=without)


def rerun_share_of_voice(viewer: Person, query: OverviewQuery, without_own: bool) -> Rerun:
    """Compute the shares again from the files and say whether every digit is the same."""
    before = get_share_of_voice(viewer, query, without_own)
    forget_voices()
    started = time.perf_counter()
    after = get_share_of_voice(viewer, query, without_own)
    return Rerun(time.perf_counter() - started, (before.whole, before.weeks) == (after.whole, after.weeks))


def _keep_brand(rows: tuple[Measured, ...], brand: str) -> tuple[Measured, ...]:
    names = sorted({row.object for row in rows})
    if not names:
        return ()
    texts = pa.array(names, pa.string())
    links = get_linker().link(pack_texts(texts), texts).to_pylist()
    chosen = {name for name, found in zip(names, links, strict=True) if brand in found}
    return tuple(row for row in rows if row.object in chosen)

"""All reads of aspects, storylines and topics; the viewer comes first."""

from __future__ import annotations

import time

from canyu.measure import OverviewQuery
from canyu.measure.aspects import AspectMap, compute_aspects, forget_aspects
from canyu.ops.insight.queries import Rerun, get_labels
from canyu.ops.lakes import get_lake
from canyu.ops.people.models import Person
from canyu.ops.voices.words import get_aspect_names


def get_aspects(viewer: Person, query: OverviewQuery) -> AspectMap:  # noqa: ARG001 - reads take the viewer first
    """Return the heat map; one is computed once per data version and kept."""
    return compute_aspects(get_lake(), query, get_labels(), get_aspect_names())


def rerun_aspects(viewer: Person, query: OverviewQuery) -> Rerun:
    """Compute the heat map again from the files and say whether every digit is the same."""
    before = get_aspects(viewer, query)
    forget_aspects()
    started = time.perf_counter()
    after = get_aspects(viewer, query)
    return Rerun(time.perf_counter() - started, before.picture.table.equals(after.picture.table))

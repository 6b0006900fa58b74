"""All reads of aspects, storylines and topics; the viewer comes first."""

from __future__ import annotations

import time
from dataclasses import replace

from canyu.listen.slices import Slice
from canyu.listen.storyline_report import StorylineReport, report_storylines
from canyu.listen.storylines import PullThroughSettings
from canyu.listen.topic_report import TopicReport, is_found_again, report_topics
from canyu.measure import OverviewQuery, Picture
from canyu.measure.aspects import AspectMap, compute_aspects, forget_aspects
from canyu.measure.emotions import compute_emotions, forget_emotions
from canyu.measure.facts import identify_lake
from canyu.measure.kept import Kept
from canyu.measure.period import find_previous, make_period
from canyu.ops.insight.queries import Rerun, get_labels, get_own_actors
from canyu.ops.lakes import get_lake
from canyu.ops.people.models import Person
from canyu.ops.voices.words import get_aspect_names, get_storylines


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


def get_emotions(viewer: Person, query: OverviewQuery) -> Picture:  # noqa: ARG001 - reads take the viewer first
    """Return the share of each emotion; computed once per data version and kept."""
    return compute_emotions(get_lake(), query)


def rerun_emotions(viewer: Person, query: OverviewQuery) -> Rerun:
    """Compute the shares again from the files and say whether every digit is the same."""
    before = get_emotions(viewer, query)
    forget_emotions()
    started = time.perf_counter()
    after = get_emotions(viewer, query)
    return Rerun(time.perf_counter() - started, before.table.equals(after.table))


def get_storyline_report(viewer: Person, query: OverviewQuery) -> StorylineReport:  # noqa: ARG001 - the viewer first
    """Return what a period says of the storylines; computed once per data version and kept."""
    lake = get_lake()
    versions = lake.versions()
    read = (versions.get("scores"), versions.get("listenings"))
    own = get_own_actors()
    key = (identify_lake(lake), read, replace(query, brand=""), get_storylines().fingerprint, own)
    found: StorylineReport | None = _REPORTS.find(key)
    if found is None:
        period = make_period(query.start, query.end, query.zone)
        now, before = (
            Slice(one.start, one.end, query.channel, query.market) for one in (period, find_previous(period))
        )
        settings = PullThroughSettings(own, query.zone)
        found = report_storylines(lake, get_storylines(), settings, now, before)
        _REPORTS.keep(key, found)
    return found


def rerun_storylines(viewer: Person, query: OverviewQuery) -> Rerun:
    """Compute the report again from the files and say whether every digit is the same."""
    before = get_storyline_report(viewer, query)
    forget_reports()
    started = time.perf_counter()
    after = get_storyline_report(viewer, query)
    is_equal = before.pull.equals(after.pull) and before.growth.equals(after.growth)
    return Rerun(time.perf_counter() - started, is_equal)


def get_topic_report(viewer: Person, query: OverviewQuery, unit: str) -> TopicReport:  # noqa: ARG001 - viewer first
    """Return the topics of the days or weeks that a period touches; read once per data version and kept."""
    lake = get_lake()
    versions = lake.versions()
    read = tuple(versions.get(name) for name in ("events", "scores", "topics", "findings", "listenings"))
    own = get_own_actors()
    key = (identify_lake(lake), read, query, unit, own)
    found: TopicReport | None = _TOPICS.find(key)
    if found is None:
        found = report_topics(lake, _make_slice(query), unit, query.brand, own)
        _TOPICS.keep(key, found)
    return found


def rerun_topics(viewer: Person, query: OverviewQuery, unit: str) -> Rerun:  # noqa: ARG001 - viewer first
    """Find the topics again from the posts and say whether every digit of the table is the same."""
    started = time.perf_counter()
    is_equal = is_found_again(get_lake(), _make_slice(query), unit, query.brand)
    return Rerun(time.perf_counter() - started, is_equal)


def _make_slice(query: OverviewQuery) -> Slice:
    period = make_period(query.start, query.end, query.zone)
    return Slice(period.start, period.end, query.channel, query.market)


def forget_reports() -> None:
    """Forget every report kept, so that the next one is computed anew."""
    _REPORTS.clear()
    _TOPICS.clear()


# A report of one data version never changes, so it is computed once per process.
_REPORTS = Kept(32)
_TOPICS = Kept(8)

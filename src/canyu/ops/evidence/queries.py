"""All reads of evidence; the viewer comes first."""

from __future__ import annotations

from canyu.measure import OverviewQuery
from canyu.ops.config import load_config
from canyu.ops.evidence import coordination
from canyu.ops.evidence.coordination import CoordinationPage, GroupPost, GroupRow
from canyu.ops.evidence.copies import CopiesPage
from canyu.ops.evidence.copies import list_clusters as list_lake_clusters
from canyu.ops.evidence.rumours import QueuePage, RumoursQuery
from canyu.ops.evidence.rumours import get_queue as get_lake_queue
from canyu.ops.insight.queries import find_own
from canyu.ops.insight.rules import PostsQuery
from canyu.ops.lakes import get_lake
from canyu.ops.people.models import Person


def list_clusters(viewer: Person, query: PostsQuery) -> CopiesPage:  # noqa: ARG001 - reads take the viewer first
    """Return one page of the clusters of copies."""
    return list_lake_clusters(get_lake(), query, load_config().page_rows, find_own(query))


def get_queue(viewer: Person, query: RumoursQuery) -> QueuePage:  # noqa: ARG001 - reads take the viewer first
    """Return the queue of claims to check."""
    return get_lake_queue(get_lake(), query, load_config().page_rows)


def get_coordination(
    viewer: Person,  # noqa: ARG001 - reads take the viewer first
    query: OverviewQuery,
) -> CoordinationPage:
    """Return the groups of accounts that post as one."""
    return coordination.get_coordination(get_lake(), query)


def get_group(
    viewer: Person,  # noqa: ARG001 - reads take the viewer first
    query: OverviewQuery,
    group_id: str,
) -> tuple[GroupRow, tuple[GroupPost, ...]]:
    """Return one group with its posts; raises NotFound."""
    return coordination.get_group(get_lake(), query, group_id)

"""Who says the same: clusters of near copies over time, their figures, and coordinated posting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.listen.copies.background import CoordinationRules
    from canyu.listen.copies.clusters import (
        ClusterRules,
        Clusters,
        Kind,
        find_clusters,
    )
    from canyu.listen.copies.coordination import find_coordination
    from canyu.listen.copies.figures import SUMMARY_SCHEMA, summarise_clusters
    from canyu.listen.copies.groups import GROUPS_SCHEMA, Group, build_group_table
    from canyu.listen.copies.index import (
        ASSIGNED_SCHEMA,
        INDEX_SCHEMA,
        Assigned,
        assign_clusters,
    )
    from canyu.listen.copies.labels import GroupKind
    from canyu.listen.copies.signatures import SIGNATURE_SCHEMA, Signatures, compute_signatures

__all__ = [
    "ASSIGNED_SCHEMA",
    "GROUPS_SCHEMA",
    "INDEX_SCHEMA",
    "SIGNATURE_SCHEMA",
    "SUMMARY_SCHEMA",
    "Assigned",
    "ClusterRules",
    "Clusters",
    "CoordinationRules",
    "Group",
    "GroupKind",
    "Kind",
    "Signatures",
    "assign_clusters",
    "build_group_table",
    "compute_signatures",
    "find_clusters",
    "find_coordination",
    "summarise_clusters",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.listen.copies.background": "CoordinationRules",
        "canyu.listen.copies.clusters": "ClusterRules Clusters Kind find_clusters",
        "canyu.listen.copies.coordination": "find_coordination",
        "canyu.listen.copies.figures": "SUMMARY_SCHEMA summarise_clusters",
        "canyu.listen.copies.groups": "GROUPS_SCHEMA Group build_group_table",
        "canyu.listen.copies.index": "ASSIGNED_SCHEMA INDEX_SCHEMA Assigned assign_clusters",
        "canyu.listen.copies.labels": "GroupKind",
        "canyu.listen.copies.signatures": "SIGNATURE_SCHEMA Signatures compute_signatures",
    },
)

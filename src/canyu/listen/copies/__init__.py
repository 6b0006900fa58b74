"""Who says the same: clusters of near copies over time, their figures, and coordinated posting."""

from __future__ import annotations

from canyu.listen.copies.clusters import ClusterRules, Clusters, Kind, find_clusters
from canyu.listen.copies.figures import summarise_clusters
from canyu.listen.copies.index import ASSIGNED_SCHEMA, INDEX_SCHEMA, Assigned, assign_clusters
from canyu.listen.copies.signatures import SIGNATURE_SCHEMA, Signatures, compute_signatures

__all__ = [
    "ASSIGNED_SCHEMA",
    "INDEX_SCHEMA",
    "SIGNATURE_SCHEMA",
    "Assigned",
    "ClusterRules",
    "Clusters",
    "Kind",
    "Signatures",
    "assign_clusters",
    "compute_signatures",
    "find_clusters",
    "summarise_clusters",
]

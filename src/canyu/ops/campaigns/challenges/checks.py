"""What is shown beside an entry in the queue: the hashtag, and whether another says the same or links to the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from canyu.listen.copies import compute_signatures, find_clusters
from canyu.listen.text import pack_texts
from canyu.ops.campaigns.challenges import queries
from canyu.ops.campaigns.challenges.models import Challenge, Entry
from canyu.ops.campaigns.challenges.rules import has_tag

COMPARED = 2_000
"""Entries that a page of the queue is compared with, the newest; nearly alike is a Jaccard index of 0.44 of 3-grams."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One entry with what was seen of it; the numbers are those of earlier entries that say or link to the same.

    ``mark`` says what is shown of it now: a decision brings it along.
    """

    entry: Entry
    mark: str
    lacks_tag: bool
    same_text: int | None
    same_link: int | None


def check_entries(challenge: Challenge, entries: Sequence[Entry]) -> list[Checked]:
    """Return what stands out about each entry; an aid for who decides, never a decision."""
    links = queries.find_same_links(challenge, [entry.link for entry in entries])
    first = _find_first(challenge) if any(entry.text for entry in entries) else {}
    return [
        Checked(
            entry,
            queries.mark_entry(entry),
            bool(entry.text) and not has_tag(entry.text, challenge.hashtags),
            _other(first.get(entry.pk), entry),
            _other(links.get(entry.link), entry),
        )
        for entry in entries
    ]


def _find_first(challenge: Challenge) -> dict[int, int]:
    """Return for each of the newest entries the first one that says the same, or nearly."""
    rows = sorted(queries.list_texts(challenge, COMPARED))
    found = find_clusters(compute_signatures(pack_texts(pa.array([text for _pk, text in rows]))))
    return {pk: rows[int(leader)][0] for (pk, _text), leader in zip(rows, found.clusters, strict=True)}


def _other(found: int | None, entry: Entry) -> int | None:
    return found if found is not None and found < entry.pk else None

"""What was seen of one cascade so far: new reactions are added as they arrive, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.prediction.features import Root


class SeenCascade:
    """The reactions to one post that were seen so far; what comes out depends on what was added, never on the order.

    >>> from datetime import UTC, timedelta
    >>> post = Root(datetime(2026, 3, 1, 12, tzinfo=UTC), id="p")
    >>> seen = SeenCascade(post)
    >>> seen.add([post.time + timedelta(minutes=2)], ["b"], ["a"])
    >>> seen.add([post.time + timedelta(minutes=1)], ["a"], ["p"])
    >>> seen.list_until(3600.0)
    (array([ 60., 120.]), array([-1,  0]))
    """

    def __init__(self, root: Root) -> None:
        check_time(root.time)
        self.root = root
        self._times: list[float] = []
        self._ids: list[str] = []
        self._parents: list[str] = []
        self._known: set[str] = set()
        self._has_parents = True

    def __len__(self) -> int:
        return len(self._times)

    def add(
        self, times: Sequence[datetime], ids: Sequence[str] | None = None, parents: Sequence[str | None] | None = None
    ) -> None:
        """Add reactions; one whose id is there already is left out.

        ``parents``: the ids of what they answer; None, an empty text or the post's id for the post itself. Without
        ids and parents the shape of the tree counts as not known. Raises BadInput on naive times or unequal lengths.
        """
        if any(given is not None and len(given) != len(times) for given in (ids, parents)):
            raise BadInput(
                Words("时间、编号与上级的数量不同。", "times, ids and parents differ in number."),
                mend=Words("每条转发各给一个。", "Give one of each for every reaction."),
            )
        start = self.root.time.timestamp()
        self._has_parents &= not times or (ids is not None and parents is not None)
        for row, time in enumerate(times):
            name = ids[row] if ids is not None else ""
            if name and name in self._known:
                continue
            check_time(time)
            self._known.add(name)
            self._times.append(max(time.timestamp() - start, 0.0))  # a clock may run some seconds behind
            self._ids.append(name)
            self._parents.append((parents[row] or "") if parents is not None else "")

    def list_until(self, age_s: float) -> tuple[NDArray[np.float64], NDArray[np.int64] | None]:
        """Return the seconds since the post, ascending, and the row of each one's parent (-1: the post), up to an age.

        The rows are None where parents are not known. A parent that was not seen counts as the post.
        """
        times = np.array(self._times, np.float64)
        order = np.array(sorted(range(len(times)), key=lambda row: (self._times[row], self._ids[row])), np.int64)
        order = order[times[order] <= age_s]
        if not self._has_parents:
            return times[order], None
        place = {self._ids[row]: at for at, row in enumerate(order.tolist()) if self._ids[row]}
        rows = [place.get(self._parents[row], -1) for row in order.tolist()]
        return times[order], np.array(rows, np.int64)


def check_time(time: datetime) -> None:
    """Refuse a time without a zone."""
    if time.tzinfo is None:
        raise BadInput(
            Words(f"时间 {time} 没有时区。", f"the time {time} has no zone."),
            mend=Words("请加上时区，例如 +08:00。", "Add one, such as +08:00."),
        )

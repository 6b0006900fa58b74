"""Cascades as arrays: who took part when, each account once, in order of time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words

Whole = NDArray[np.int64]
NEEDED = ("cascade", "user", "time")


@dataclass(frozen=True, slots=True)
class Cascades:
    """Cascades in the order of their first time; cascade c is rows ``starts[c]:starts[c + 1]``, in order of time.

    ``ids``: every account named, Arrow string or int64, (accounts,); ``users`` and ``parents`` number it, (rows,), -1
    where no parent is stated; ``times``: microseconds since 1970 UTC, (rows,). ``repeated``: rows left out because
    the account was in the cascade before. ``own_parents``: parents left out because they are the account itself.
    """

    ids: pa.Array
    starts: Whole
    users: Whole
    times: Whole
    parents: Whole
    repeated: int = 0
    own_parents: int = 0

    def __len__(self) -> int:
        return len(self.starts) - 1

    def take(self, first: int, last: int) -> Cascades:
        """Return the cascades from ``first`` up to, not including, ``last``; accounts keep their numbers."""
        starts = self.starts[first : last + 1]
        rows = slice(int(starts[0]), int(starts[-1]))
        return replace(
            self, starts=starts - starts[0], users=self.users[rows], times=self.times[rows], parents=self.parents[rows]
        )

    def hide_parents(self) -> Cascades:
        """Return the same cascades as if no parent had been stated."""
        return replace(self, parents=np.full_like(self.parents, -1))

    def split(self, *shares: float) -> tuple[Cascades, ...]:
        """Return the earliest share of cascades, the next, and so on; the last part is what is left.

        ``split(0.5, 0.3)`` gives 50 %, 30 % and 20 %. Raises BadInput unless each share is above 0
        and all are below 1 together.
        """
        if any(share <= 0 for share in shares) or sum(shares) >= 1:
            raise BadInput(
                Words(f"份额 {shares} 无法划分。", f"Shares {shares} do not split."),
                mend=Words("每份须大于 0，合计小于 1。", "Give shares above 0 that are below 1 together."),
            )
        cuts = [0, *(round(len(self) * cut) for cut in np.cumsum(shares)), len(self)]
        return tuple(self.take(first, last) for first, last in pairwise(cuts))


def read_cascades(table: pa.Table) -> Cascades:
    """Read a table of ``cascade``, ``user``, ``time`` (aware) and, where it is there, ``parent`` (a user, may be null).

    Ids are texts or integers. Of several rows of one account in one cascade the first in time counts. Raises BadInput
    where a column is missing or of another kind, or a cascade, user or time is null: it names the row, from 1.
    """
    for name in NEEDED:
        _check_column(table, name)
    if not pa.types.is_timestamp(table["time"].type) or table["time"].type.tz is None:
        raise BadInput(
            Words(f"列“time”是 {table['time'].type}。", f"column time holds {table['time'].type}."),
            mend=Words("请给出带时区的时间。", "Give times with their time zone."),
        )
    has_parent = "parent" in table.column_names
    parent = table["parent"] if has_parent else pa.chunked_array([pa.nulls(len(table), table["user"].type)])
    ids, (users, parents) = encode_ids({"user": table["user"], "parent": parent})
    _, (cascades,) = encode_ids({"cascade": table["cascade"]})
    times = table["time"].cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy()
    firsts = np.full(int(cascades.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(firsts, cascades, times)
    order = np.lexsort((np.arange(len(times)), times, cascades, firsts[cascades]))
    users, parents, times, cascades = users[order], parents[order], times[order], cascades[order]
    _, first = np.unique(cascades * max(len(ids), 1) + users, return_index=True)
    first = np.sort(first)
    repeated = len(users) - len(first)
    users, parents, times, cascades = users[first], parents[first], times[first], cascades[first]
    is_own = parents == users
    edges = np.flatnonzero(np.diff(cascades, prepend=-1))
    starts = np.append(edges, len(users)).astype(np.int64)
    return Cascades(ids, starts, users, times, np.where(is_own, -1, parents), repeated, int(is_own.sum()))


def encode_ids(columns: dict[str, pa.ChunkedArray]) -> tuple[pa.Array, list[Whole]]:
    """Return the ids of all columns, and each column as numbers of them, (rows,), -1 where null.

    Raises BadInput where columns are not all texts or all integers.
    """
    plain = {name: _to_ids(name, column) for name, column in columns.items()}
    kinds = {column.type for column in plain.values()}
    if len(kinds) > 1:
        said = ", ".join(f"{name}: {column.type}" for name, column in plain.items())
        raise BadInput(
            Words(f"编号类型不一致（{said}）。", f"Ids of two kinds ({said})."),
            mend=Words("全部用文本，或全部用整数。", "Write all as texts, or all as integers."),
        )
    both = pa.chunked_array([chunk for column in plain.values() for chunk in column.chunks], kinds.pop())
    encoded = both.combine_chunks().dictionary_encode()
    numbers = pc.fill_null(encoded.indices.cast(pa.int64()), -1).to_numpy(False)
    cuts = np.cumsum([len(column) for column in plain.values()])[:-1]
    return encoded.dictionary, [np.ascontiguousarray(part) for part in np.split(numbers, cuts)]


def _to_ids(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_integer(kind):
        return column.cast(kind).cast(pa.int64())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return column.cast(pa.string())
    raise BadInput(
        Words(f"列“{name}”是 {kind}，不是编号。", f"column {name} holds {kind}, no ids."),
        mend=Words("编号要是文本或整数。", "Ids are texts or integers."),
    )


def _check_column(table: pa.Table, name: str) -> None:
    if name not in table.column_names:
        raise BadInput(
            Words(f"缺少列“{name}”。", f"column {name} is missing."),
            mend=Words(f"现有：{', '.join(table.column_names)}。", f"There are: {', '.join(table.column_names)}."),
        )
    if table[name].null_count:
        row = pc.index(pc.is_null(table[name]), True).as_py() + 1
        raise BadInput(
            Words(f"第 {row} 行的“{name}”是空的。", f"row {row}: {name} is empty."),
            mend=Words("请补上，或去掉这一行。", "Fill it in, or leave the row out."),
        )

"""The picture of an account's followers, with a title that says what is seen in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from canyu.kit.numbers import format_change, format_number
from canyu.kit.words import Words
from canyu.measure import Picture, Proof

FEWEST_DRAWN = 2
SCHEMA = pa.schema([("day", pa.date32()), ("followers", pa.int64())])
DEFINITION = Words("每次导入或采集时记下的粉丝数。", "The followers noted at each import or collection.")


def draw_followers(counts: Sequence[tuple[date, int]]) -> Picture | None:
    """Return the history of followers, in order of the days; None where fewer than two counts are known."""
    if len(counts) < FEWEST_DRAWN:
        return None
    first, last = counts[0][1], counts[-1][1]
    said = [
        (format_number(first, language), format_number(last, language), format_change(last, first, language))
        for language in ("zh", "en")
    ]
    title = Words(
        f"粉丝从 {said[0][0]} 到 {said[0][1]}（{said[0][2]}）",
        f"Followers went from {said[1][0]} to {said[1][1]} ({said[1][2]})",
    )
    subtitle = Words(f"粉丝数，{len(counts)} 次记录", f"Followers, {len(counts)} counts")
    rows = [{"day": day, "followers": followers} for day, followers in counts]
    proof = Proof(DEFINITION, "", {}, len(rows), "")
    return Picture("followers", title, subtitle, pa.Table.from_pylist(rows, schema=SCHEMA), proof)

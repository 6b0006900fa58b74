"""The picture of an attribution: what each channel gets by every method, so that their disagreement is seen."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from canyu.kit.words import Words
from canyu.measure.attribution.attribution import NO_JOURNEY, Attribution, Credit, Method
from canyu.measure.figure import Picture

MOST_CHANNELS = 8
SHORT: dict[Method, Words] = {
    Method.FIRST: Words("首次", "first"),
    Method.LAST: Words("末次", "last"),
    Method.LINEAR: Words("平分", "linear"),
    Method.POSITION: Words("位置", "position"),
    Method.DECAY: Words("衰减", "decay"),
    Method.MARKOV: Words("马尔可夫", "Markov"),
    Method.SHAPLEY: Words("Shapley", "Shapley"),
}
CREDITS = pa.schema(
    [("channel", pa.string()), ("method", pa.string()), *[(f"method_{name}", pa.string()) for name in ("zh", "en")]]
    + [(name, pa.float64()) for name in ("share", "low", "high", "conversions")]
)
SUBTITLE = Words(
    "每个渠道按各方法所得的转化份额 %，一点一个方法", "Share of credited conversions by method, in %; a dot per method"
)


def draw_credits_picture(found: Attribution) -> Picture:
    """Return the share of each channel by every method; the channels that get most by any of them."""
    rows: list[dict[str, Any]] = []
    for credits in found.methods:
        words = SHORT[credits.method]
        for one in credits.channels:
            amount = one.conversions
            if one.share is None or amount.value is None:
                continue
            scale = 100 * one.share / amount.value if amount.value else 0.0
            ends = {"low": amount.low, "high": amount.high}
            rows.append(
                {
                    "channel": one.name,
                    "method": credits.method.value,
                    "method_zh": words.zh,
                    "method_en": words.en,
                    "share": 100 * one.share,
                    "conversions": amount.value,
                    **{name: None if end is None else scale * end for name, end in ends.items()},
                }
            )
    most = {name: max(row["share"] for row in rows if row["channel"] == name) for name in {r["channel"] for r in rows}}
    kept = sorted(most, key=lambda name: (-most[name], name))[:MOST_CHANNELS]
    chosen = sorted((row for row in rows if row["channel"] in kept), key=lambda row: kept.index(row["channel"]))
    table = pa.Table.from_pylist(chosen, schema=CREDITS)
    return Picture("credits", _tell(chosen, kept), SUBTITLE, table, found.proof)


def list_credits(found: Attribution) -> list[tuple[str, list[Credit]]]:
    """Return each channel with what it gets by every method, in the order of the methods; most first."""
    by_method = [{one.name: one for one in credits.channels} for credits in found.methods]
    names = list(dict.fromkeys(name for credits in by_method for name in credits))
    rows = [(name, [credits[name] for credits in by_method]) for name in names]
    return sorted(rows, key=lambda row: (-max(one.share or 0.0 for one in row[1]), row[0]))


def _tell(rows: list[dict[str, Any]], kept: list[str]) -> Words:
    if not kept:
        return NO_JOURNEY
    spans = {name: [row["share"] for row in rows if row["channel"] == name] for name in kept}
    name = max(kept, key=lambda channel: max(spans[channel]) - min(spans[channel]))
    low, high = min(spans[name]), max(spans[name])
    told = name or "—"
    if high - low < 1:
        return Words("各方法给出的份额几乎相同", "All methods say nearly the same")
    return Words(f"方法不同，{told} 得 {low:.0f}% 到 {high:.0f}%", f"By method, {told} gets {low:.0f} to {high:.0f} %")

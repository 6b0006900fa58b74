"""The picture of an attribution: what each channel gets by every method, so that their disagreement is seen."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from canyu.kit.words import Words
from canyu.measure.attribution.attribution import NO_JOURNEY, Attribution, Credit, Method
from canyu.measure.channels import get_channel_label
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
    [(name, pa.string()) for name in ("channel", "label_zh", "label_en", "method", "method_zh", "method_en")]
    + [(name, pa.float64()) for name in ("share", "low", "high", "conversions")]
)
NOT_STATED = Words("（未注明）", "(not stated)")
SUBTITLE = Words(
    "每个渠道按各方法所得的转化份额 %，一点一个方法", "Share of credited conversions by method, in %; a dot per method"
)


def draw_credits_picture(found: Attribution) -> Picture:
    """Return the share of each channel by every method; the channels that get most by any of them."""
    rows: list[dict[str, Any]] = []
    for credits in found.methods:
        words = SHORT[credits.method]
        for one in credits.channels:
            amount, name = one.conversions, _name(one.name, found.query.by)
            if one.share is None or amount.value is None:
                continue
            scale = 100 * one.share / amount.value if amount.value else 0.0
            ends = {"low": amount.low, "high": amount.high}
            rows.append(
                {
                    "channel": one.name,
                    "label_zh": name.zh,
                    "label_en": name.en,
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


def _name(value: str, by: str) -> Words:
    if not value:
        return NOT_STATED
    return get_channel_label(value) if by == "channel" else Words(value, value)


def _tell(rows: list[dict[str, Any]], kept: list[str]) -> Words:
    if not kept:
        return NO_JOURNEY
    spans = {name: [row["share"] for row in rows if row["channel"] == name] for name in kept}
    stated = [name for name in kept if name] or kept
    name = max(stated, key=lambda channel: max(spans[channel]) - min(spans[channel]))
    low, high = min(spans[name]), max(spans[name])
    zh, en = next((row["label_zh"], row["label_en"]) for row in rows if row["channel"] == name)
    if high - low < 1:
        return Words("各方法给出的份额几乎相同", "All methods say nearly the same")
    return Words(f"方法不同，{zh}得 {low:.0f}% 到 {high:.0f}%", f"By method, {en} gets {low:.0f} to {high:.0f} %")

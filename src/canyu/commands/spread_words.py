"""A selection of accounts as a program reads it, and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.spread.graphs import Graph
    from canyu.spread.selection import Selection

LISTED = 20


def describe_selection(graph: Graph, found: Selection, model: str) -> dict[str, Any]:
    """Return a selection as a program reads it."""
    import math

    return {
        "seeds": found.seeds.to_pylist(),
        "gains": [None if math.isnan(gain) else round(gain, 3) for gain in found.gains.tolist()],
        "model": model,
        "nodes": graph.nodes,
        "arcs": graph.arcs,
        "spread": found.spread,
        "spread_low": found.spread_low,
        "spread_high": found.spread_high,
        "lower": found.lower,
        "upper": found.upper,
        "ratio": found.ratio,
        "delta": found.delta,
        "source": found.source,
        "rounds": found.rounds,
        "samples": list(found.samples),
        "seconds": {name: round(value, 3) for name, value in found.seconds.items()},
    }


def tell_selection(graph: Graph, found: Selection) -> str:
    """Return a selection with its bounds as sentences."""
    names = [str(seed) for seed in found.seeds.to_pylist()]
    more = f" … +{len(names) - LISTED}" if len(names) > LISTED else ""
    seeds = " ".join(names[:LISTED]) + more
    low, high = f"{found.spread_low:,.0f}", f"{found.spread_high:,.0f}"
    sure = f"{1.0 - found.delta:.4%}"
    return say(
        f"{seeds}\n预计影响 {found.spread:,.0f} 个节点（95% 区间 {low} 至 {high}），共 {graph.nodes:,} 个。\n"
        f"以 {sure} 的把握：至少 {found.lower:,.0f}，而任何 {len(names)} 个账号至多 {found.upper:,.0f}，"
        f"即至少是最优的 {found.ratio:.1%}。",
        f"{seeds}\nThey reach {found.spread:,.0f} nodes (95 % interval {low} to {high}) of {graph.nodes:,}.\n"
        f"Sure by {sure}: at least {found.lower:,.0f}, while any {len(names)} reach at most {found.upper:,.0f}: "
        f"{found.ratio:.1%} of the best there can be, or more.",
    )

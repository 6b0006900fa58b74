"""The strip of figures of a view of spread, each with its proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from canyu.kit.words import Words
from canyu.measure import Figure, Proof
from canyu.ops.travel.one import OneCascade
from canyu.ops.travel.travels import Travel
from canyu.ops.travel.words import COLLECTED, DEFINITIONS, GUESSED, LABELS, METHOD, NO_CASCADES, UNITS

ONE_NAMES = ("reposts", "depth", "one_virality", "half_life", "sure")
NAMES = ("cascades", "reposts", "median_depth", "top_share", "virality")


def list_figures(travel: Travel, before: Travel | None = None) -> tuple[Figure, ...]:
    """Return the five figures of the strip, beside those of the period before where there are data of it."""
    values, previous = _list_values(travel), _list_values(before) if before else {}
    return tuple(_make(travel, name, values[name], previous.get(name)) for name in NAMES)


def list_one_figures(one: OneCascade) -> tuple[Figure, ...]:
    """Return the five figures of one cascade."""
    row = one.shape
    values = (row["reposts"], row["depth"], row["structural_virality"], row["half_life_s"], one.sure)
    return tuple(
        Figure(name, LABELS[name], value, UNITS[name], prove_one(one, name))
        for name, value in zip(ONE_NAMES, values, strict=True)
    )


def prove_one(one: OneCascade, name: str) -> Proof:
    """Return how a figure or picture of one cascade came to be: that of its view, counting its own reposts."""
    proof = prove(one.travel, name)
    return replace(proof, sql=f"{proof.sql}--   kept: the rows of one post\n", rows=one.shape["reposts"])


def prove(travel: Travel, name: str) -> Proof:
    """Return how a figure or picture of a view came to be."""
    caveats = [COLLECTED]
    if name not in {"cascades", "reposts", "half_life"}:
        caveats = [_say_sure(travel), GUESSED, *caveats]
    unknown = travel.roots["is_known"].to_pylist().count(False)
    if unknown:
        caveats.append(
            Words(f"{unknown} 棵树的原帖不在数据中。", f"The lake does not hold the posts of {unknown} of the trees.")
        )
    return Proof(
        definition=DEFINITIONS[name],
        sql=travel.answer.sql + METHOD,
        versions=travel.answer.versions,
        rows=travel.report.reposts,
        engine=travel.engine,
        caveats=tuple(caveats),
    )


def find_figure(figures: Sequence[Figure], name: str) -> Figure | None:
    """Return a figure by its name, or None."""
    return next((figure for figure in figures if figure.name == name), None)


def _list_values(travel: Travel) -> dict[str, float | int | None]:
    shapes = travel.shapes
    reposts, depths = np.array(shapes["reposts"], np.int64), np.array(shapes["depth"], np.int64)
    largest = travel.rank_cascades()[:1]
    virality = shapes["structural_virality"][largest[0]].as_py() if largest else None
    return {
        "cascades": len(shapes),
        "reposts": int(reposts.sum()),
        "median_depth": _find_median(depths) if len(depths) else None,
        "top_share": travel.joint.share,
        "virality": virality,
    }


def _find_median(depths: NDArray[np.int64]) -> float | int:
    middle = float(np.median(depths))
    return int(middle) if middle.is_integer() else middle


def _make(travel: Travel, name: str, value: float | int | None, previous: float | int | None) -> Figure:
    interval = travel.joint.interval if name == "top_share" else None
    missing = NO_CASCADES if value is None else None
    return Figure(name, LABELS[name], value, UNITS[name], prove(travel, name), interval, previous, missing)


def _say_sure(travel: Travel) -> Words:
    share = travel.sure
    told = "—" if share is None else f"{share:.0f}%"
    return Words(f"{told} 的转发由来源写明上一级。", f"The source states the parent of {told} of the reposts.")

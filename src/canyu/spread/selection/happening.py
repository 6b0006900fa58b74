"""What happened of a plan so far, as the next plan reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs import Graph
from canyu.spread.selection.conditions import Standing


@dataclass(frozen=True, slots=True)
class Happened:
    """What was seen up to ``now_h``, in hours from the start of the plan.

    ``posted``: accounts of the plan that posted, and when. ``reached``: everybody known to be reached (who reposted),
    and when, None where that is not known. ``spent``: money, in minor units. Whoever is not named was not reached.
    ``again``: those named who may still be planned: who has posted a second time, who was only reached for the first.
    """

    now_h: float
    posted: Mapping[str | int, float] = field(default_factory=dict)
    reached: Mapping[str | int, float | None] = field(default_factory=dict)
    spent: int = 0
    again: tuple[str | int, ...] = ()


def read_happened(graph: Graph, happened: Happened) -> tuple[Standing, NDArray[np.int32]]:
    """Return what stands now, and the nodes of who posted; raises BadInput where it names nobody or a time to come."""
    if not 0.0 <= happened.now_h < np.inf or happened.spent < 0:
        raise BadInput(
            Words("时间或花费不对。", "the hour or what was spent is wrong."),
            mend=Words("都是不小于 0 的数。", "Both are numbers from 0 up."),
        )
    since = np.full(graph.nodes, np.inf)
    posted = _find(graph, happened.posted)
    reached = _find(graph, happened.reached)
    hours = np.array([-np.inf if hour is None else hour for hour in happened.reached.values()], np.float64)
    for numbers, times, names in (
        (reached, hours, happened.reached),
        (posted, np.array(list(happened.posted.values()), np.float64), happened.posted),
    ):
        late = np.flatnonzero(~(times <= happened.now_h))
        if len(late):
            name = list(names)[int(late[0])]
            raise BadInput(
                Words(
                    f"{name} 的时间 {times[late[0]]:g} 晚于现在 {happened.now_h:g}。",
                    f"{name} stands at hour {times[late[0]]:g}, after now, {happened.now_h:g}.",
                ),
                mend=Words("只写已经发生的事。", "Write what has happened by then."),
            )
        since[numbers] = np.where(np.isinf(since[numbers]), times, np.minimum(since[numbers], times))
    return Standing(since_h=since, now_h=happened.now_h, again=find_again(graph, happened)), posted


def find_again(graph: Graph, happened: Happened) -> NDArray[np.int32]:
    """Return the nodes that may be planned although they posted or were reached; raises BadInput for any other."""
    for name in happened.again:
        if name not in happened.posted and name not in happened.reached:
            raise BadInput(
                Words(f"{name} 还没有发布或被触达。", f"{name} has neither posted nor been reached."),
                mend=Words("它本来就可以选，不用另外说明。", "It can be had anyway: leave it out of again."),
            )
    return _find(graph, dict.fromkeys(happened.again, 0.0))


def _find(graph: Graph, names: Mapping[str | int, float] | Mapping[str | int, float | None]) -> NDArray[np.int32]:
    ids = list(names)
    numbers = graph.find_nodes(pa.array(ids, graph.ids.type)).astype(np.int32)
    if (numbers < 0).any():
        missing = ids[int(np.flatnonzero(numbers < 0)[0])]
        raise BadInput(
            Words(f"图里没有节点 {missing}。", f"the graph has no node {missing}."),
            mend=Words("请检查编号。", "Check the id."),
        )
    return numbers

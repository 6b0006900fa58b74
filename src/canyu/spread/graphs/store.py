"""A graph as a folder of arrays that open without being read: the system brings in what is touched."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa

from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import Words
from canyu.spread.graphs.graph import Graph

ARRAYS = {
    "out_starts": "<i8",
    "out_heads": "<i4",
    "in_starts": "<i8",
    "in_tails": "<i4",
    "chances": "<f4",
    "left_out": "<i8",
}
IDS = "ids.arrow"


def save_graph(graph: Graph, folder: Path, beside: Callable[[Path], None] | None = None) -> None:
    """Write a graph to a new folder; it appears when it is whole. Raises BadInput where there is one already.

    ``beside`` writes further files of its own into the folder before it appears.
    """
    if folder.exists():
        raise BadInput(
            Words(f"{folder} 已经存在。", f"{folder} is there already."),
            mend=Words("请换一个名字，或先删除它。", "Give another name, or delete it first."),
        )
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    part.mkdir(parents=True)
    left_out = np.array([graph.self_arcs, graph.repeated], np.int64)
    for name, kind in ARRAYS.items():
        array = left_out if name == "left_out" else getattr(graph, name)
        np.save(part / f"{name}.npy", np.ascontiguousarray(array, kind))
    with pa.OSFile(str(part / IDS), "wb") as file, pa.ipc.new_file(file, pa.schema([("id", graph.ids.type)])) as out:
        out.write_batch(pa.record_batch({"id": graph.ids}))
    if beside is not None:
        beside(part)
    part.replace(folder)


def open_graph(folder: Path) -> Graph:
    """Open a folder that ``save_graph`` wrote, memory-mapped; raises NotFound or BadInput where it is none."""
    if not folder.is_dir():
        raise NotFound(
            Words(f"没有文件夹 {folder}。", f"there is no folder {folder}."),
            mend=Words("请检查路径。", "Check the path."),
        )
    try:
        # copy on write: for the compiled code the arrays are then of the same kind as those of a graph just built
        arrays = {name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="c")) for name in ARRAYS}
        with pa.memory_map(str(folder / IDS)) as file, pa.ipc.open_file(file) as rows:
            ids = rows.get_batch(0).column(0)
    except (OSError, ValueError, EOFError, pa.ArrowException) as error:
        raise _tell_broken(folder) from error
    self_arcs, repeated = arrays.pop("left_out").tolist()
    graph = Graph(ids, self_arcs=self_arcs, repeated=repeated, **arrays)
    sizes = {len(graph.in_tails), len(graph.out_heads), len(graph.chances) or len(graph.in_tails)}
    kinds_fit = all(arrays[name].dtype == np.dtype(ARRAYS[name]) for name in arrays)
    starts_fit = all(
        len(starts) == graph.nodes + 1 and int(starts[0]) == 0 and int(starts[-1]) == graph.arcs
        for starts in (graph.in_starts, graph.out_starts)
    )
    if len(sizes) != 1 or not kinds_fit or not starts_fit:
        raise _tell_broken(folder)
    return graph


def _tell_broken(folder: Path) -> BadInput:
    return BadInput(
        Words(f"{folder} 不是完整的图。", f"{folder} is no whole graph."),
        mend=Words("请从边表重新生成。", "Make it again from its arcs."),
    )

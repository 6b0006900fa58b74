"""Sets drawn on an Apache Spark cluster: the same sets as on one machine, for each has a generator of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Self, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.spread.selection.sampling import Marks, Sampler, Sets

PART = 32_768  # sets of a row that a worker hands back
WAVE = 64  # rows of a job: what the driver holds of them at once stays well below Spark's limit of 1 GiB
DRAWN = "part long, members binary, begins binary"
COUNTED = "part long, hits binary"
Own = TypeVar("Own", bound=Sampler)


class SparkSampler(Sampler):
    """Draws the sets of any sampler on the workers of a cluster; what is chosen on them stays on this machine.

    The sampler is sent to each worker once, and again when its sentinels are set; it must pickle. Close it when done.
    """

    def __init__(self, session: Any, sampler: Sampler) -> None:
        """``session``: a ``pyspark.sql.SparkSession`` whose workers have Canyu installed."""
        super().__init__()
        self.session, self.inner, self.worth = session, sampler, sampler.worth
        self.shared = session.sparkContext.broadcast(sampler)

    @property
    def sentinels(self) -> Marks:
        """The nodes at which sets end; see ``ReverseSampler``."""
        marks: Marks = getattr(self.inner, "sentinels", np.zeros(0, np.uint8))
        return marks

    @sentinels.setter
    def sentinels(self, marks: Marks) -> None:
        self.inner.sentinels = marks  # type: ignore[attr-defined]  # only samplers that end sets are asked to
        self.close()
        self.shared = self.session.sparkContext.broadcast(self.inner)

    def draw_part(self, stream: int, first: int, count: int) -> Sets:
        """Return sets ``first`` to ``first + count`` of a stream, drawn on this machine."""
        return self.inner.draw_part(stream, first, count)

    def count_part(self, stream: int, first: int, count: int, marks: Marks, groups: int) -> NDArray[np.int64]:
        """Return in how many of these sets a node of each group stands, counted on this machine."""
        return self.inner.count_part(stream, first, count, marks, groups)

    def draw(self, stream: int, first: int, stop: int) -> Iterator[Sets]:
        """Return sets ``first`` to ``stop`` of a stream in order, part by part, drawn on the workers."""
        for rows in self._run(partial(_draw, self.shared, stream, first, stop), DRAWN, first, stop):
            for members, begins in zip(rows["members"], rows["begins"], strict=True):
                yield np.frombuffer(members.as_buffer(), np.int32), np.frombuffer(begins.as_buffer(), np.int64)

    def count(self, stream: int, stop: int, marks: Marks, groups: int) -> NDArray[np.int64]:
        """Return in how many of the first ``stop`` sets a node of each group stands, counted on the workers."""
        total = np.zeros(groups, np.int64)
        for rows in self._run(partial(_count, self.shared, stream, stop, (marks, groups)), COUNTED, 0, stop):
            for hits in rows["hits"]:
                total += np.frombuffer(hits.as_buffer(), np.int64)
        return total

    def close(self) -> None:
        """Take back what the workers hold."""
        self.shared.destroy()

    def __enter__(self) -> Self:
        """Return itself; it is closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, work: Any, schema: str, first: int, stop: int) -> Iterator[pa.Table]:
        """Run a function over the numbers of parts; yield its rows in the order of parts, wave by wave."""
        parts = -(-(stop - first) // PART)
        for wave in range(0, parts, WAVE):
            end = min(wave + WAVE, parts)
            slices = min(end - wave, 2 * self.session.sparkContext.defaultParallelism)
            rows = self.session.range(wave, end, 1, slices).mapInArrow(work, schema).toArrow()
            yield rows.sort_by("part")


@contextmanager
def share(sampler: Own, session: Any | None) -> Iterator[Own | SparkSampler]:
    """Give the sampler itself, or where there is a ``session`` one on its workers, closed at the end of the block."""
    if session is None:
        yield sampler
        return
    with SparkSampler(session, sampler) as shared:
        yield shared


def _draw(
    shared: Any, stream: int, first: int, stop: int, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Draw the parts that a worker is given."""
    for part in _list_parts(batches):
        at = first + part * PART
        members, begins = shared.value.draw_part(stream, at, min(PART, stop - at))
        yield pa.record_batch({"part": [part], "members": [members.tobytes()], "begins": [begins.tobytes()]})


def _count(
    shared: Any, stream: int, stop: int, asked: tuple[Marks, int], batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Count hits in the parts that a worker is given."""
    for part in _list_parts(batches):
        at = part * PART
        hits = shared.value.count_part(stream, at, min(PART, stop - at), *asked)
        yield pa.record_batch({"part": [part], "hits": [hits.tobytes()]})


def _list_parts(batches: Iterator[pa.RecordBatch]) -> Iterator[int]:
    for batch in batches:
        yield from batch.column(0).to_pylist()

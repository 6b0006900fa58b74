"""What cascades tell about candidate arcs: which were tried, which failed, which may have worked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.influence.cascades import Cascades, encode_ids
from canyu.spread.kernels.influence import collect_exposures, count_failures, score_activations, weigh_timed

Real = NDArray[np.float64]
Whole = NDArray[np.int64]
Timing: TypeAlias = tuple[float, float]
ALWAYS = int(np.iinfo(np.int64).min)
KEPT = {"prior": pa.float64(), "since": pa.timestamp("us", "UTC")}


@dataclass(frozen=True)
class Evidence:
    """Cascades beside candidate arcs. An arc goes from who is read to who reads: source, target.

    A trial of an arc is a cascade in which its source was active and its target either never was (a failure) or became
    active later (an exposure).
    ``arcs``: columns source and target, (arcs,), and ``prior`` and ``since`` where they were given.
    ``sources``, ``targets``: their numbers in the cascades, (arcs,), or -1 for an account in none.
    ``exposed``, ``delays_s``: the arc of each exposure and its delay in seconds, (exposures,).
    ``begins``: cuts the exposures by activation, (activations + 1,); ``rows``: the activation's row in the cascades.
    ``stated``: the exposure that the activation says it answers, -1 where it says nothing, -2 for another account.
    """

    cascades: Cascades
    arcs: pa.Table
    sources: Whole
    targets: Whole
    exposed: Whole
    delays_s: Real
    begins: Whole
    rows: Whole
    stated: Whole

    @cached_property
    def failures(self) -> Whole:
        """How often each arc failed because its target never was active, (arcs,)."""
        return self._count_failures(np.zeros(len(self.arcs)))[0]

    @cached_property
    def trials(self) -> Whole:
        """How often each arc was tried, (arcs,)."""
        found: Whole = self.failures + np.bincount(self.exposed, minlength=len(self.arcs))
        return found

    @cached_property
    def since(self) -> Whole:
        """From when on each arc is looked at: cascades that begin later, microseconds since 1970 UTC, (arcs,)."""
        return _read_since(self.arcs)

    @property
    def activation_of(self) -> Whole:
        """The activation that each exposure belongs to, (exposures,)."""
        return np.repeat(np.arange(len(self.rows)), np.diff(self.begins))

    def look_at(self, cascades: Cascades) -> Evidence:
        """Return what other cascades tell about the same arcs."""
        if cascades.ids is self.cascades.ids:  # parts of one split number accounts alike
            return _walk(cascades, self.arcs, self.sources, self.targets)
        return gather_evidence(cascades, self.arcs)

    def score_cascades(self, chances: Real, timing: Timing | None = None) -> tuple[Real, Whole]:
        """Return by cascade the log-likelihood (nats) of what happened and the trials it is of, (cascades,) both.

        Of an activation with a stated parent: the stated arc worked and the others did not; without: at least one did
        (the independent cascade model of Kempe, Kleinberg and Tardos, KDD 2003). With ``timing``, centre and deviation
        of log seconds, it is the likelihood of who and when, the others had not worked yet.
        """
        with np.errstate(divide="ignore"):
            _, sums, counts = self._count_failures(np.log1p(-chances))
        if timing is None:
            scores = score_activations(chances, self.exposed, self.begins, self.stated)
        else:
            scores = weigh_timed(chances, self.exposed, self.begins, self.stated, self.delays_s, timing)[2]
        cascade_of = np.searchsorted(self.cascades.starts, self.rows, side="right") - 1
        many = len(self.cascades)
        sums = sums + np.bincount(cascade_of, scores, minlength=many)
        counts = counts + np.bincount(cascade_of, np.diff(self.begins), minlength=many).astype(np.int64)
        return sums, counts

    def _count_failures(self, logs: Real) -> tuple[Whole, Real, Whole]:
        starts, order = _sort_arcs(self.sources, np.flatnonzero(self.sources >= 0), len(self.cascades.ids))
        found: tuple[Whole, Real, Whole] = count_failures(
            self.cascades.starts,
            self.cascades.users,
            starts,
            order,
            self.targets,
            logs,
            self.cascades.times,
            self.since,
        )
        return found


def gather_evidence(cascades: Cascades, arcs: pa.Table) -> Evidence:
    """Walk the cascades along the candidate ``arcs`` (columns source, target; ids of the cascades' kind).

    Arcs from an account to itself and repeated arcs are left out; the first of each stays, in order. ``prior``, where
    there is such a column, is what is believed of an arc beforehand; ``since`` (aware times) the cascade that taught
    it: earlier ones and that one are no evidence for the arc. Both may be null. Raises BadInput where there is no arc,
    an id is missing or of another kind, or a prior is no probability.
    """
    kept = clean_arcs(arcs)
    if kept["source"].type != cascades.ids.type:
        raise BadInput(
            Words(
                f"边的编号是 {kept['source'].type}，传播链的是 {cascades.ids.type}。",
                f"Arcs name accounts by {kept['source'].type}, cascades by {cascades.ids.type}.",
            ),
            mend=Words("两处要用同一种编号。", "Write both as texts, or both as integers."),
        )
    ends = [pc.fill_null(pc.index_in(kept[name], cascades.ids), -1) for name in ("source", "target")]
    sources, targets = (end.combine_chunks().cast(pa.int64()).to_numpy(False) for end in ends)
    return _walk(cascades, kept, sources, targets)


def learn_arcs(cascades: Cascades, fewest: int = 1) -> pa.Table:
    """Return candidate arcs from stated parents: source, target, and ``stated``, how often; sorted by first mention.

    Only arcs stated at least ``fewest`` times. Each of them worked at least once where it was learnt, so fit them
    on other, later cascades: on the same ones every probability comes out too high.
    """
    return _find_stated(cascades, fewest).drop_columns(["since"])


def discover_arcs(cascades: Cascades, fewest: int = 1) -> pa.Table:
    """Return what ``learn_arcs`` does and ``since``: when the cascade began that stated the arc first.

    Fitted with it, an arc is judged by the cascades that begin after the one that taught it, so that the same
    cascades may teach arcs and be fitted.
    """
    return _find_stated(cascades, fewest)


def _find_stated(cascades: Cascades, fewest: int) -> pa.Table:
    rows = np.flatnonzero(cascades.parents >= 0)
    pairs = cascades.parents[rows] * np.int64(len(cascades.ids)) + cascades.users[rows]
    names, first, counts = np.unique(pairs, return_index=True, return_counts=True)
    order = np.argsort(first, kind="stable")
    order = order[counts[order] >= fewest]
    sources, targets = np.divmod(names[order], max(len(cascades.ids), 1))
    columns = {"source": cascades.ids.take(pa.array(sources)), "target": cascades.ids.take(pa.array(targets))}
    place = np.searchsorted(cascades.starts, rows[first[order]], side="right") - 1
    began = cascades.times[cascades.starts[place]] if len(place) else np.zeros(0, np.int64)
    since = pa.array(began).cast(pa.timestamp("us", "UTC"))
    return pa.table({**columns, "stated": pa.array(counts[order], pa.int64()), "since": since})


def clean_arcs(arcs: pa.Table) -> pa.Table:
    """Return the arcs without those from an account to itself and without repeats.

    Columns source and target, and ``prior`` and ``since`` where they are there.
    """
    for name in ("source", "target"):
        if name not in arcs.column_names or arcs[name].null_count:
            raise BadInput(
                Words(f"边的列“{name}”缺少或有空值。", f"Arcs: column {name} is missing or has empty rows."),
                mend=Words("每条边给出 source 和 target。", "Give each arc a source and a target."),
            )
    ids, (sources, targets) = encode_ids({name: arcs[name] for name in ("source", "target")})
    _, first = np.unique(sources * np.int64(max(len(ids), 1)) + targets, return_index=True)
    first = np.sort(first[sources[first] != targets[first]])
    if not len(first):
        raise BadInput(
            Words("没有候选边。", "There is no candidate arc."),
            mend=Words(
                "请给出关注关系，或由转发上级学习。", "Give a follower graph, or learn arcs from stated parents."
            ),
        )
    kept = {"source": ids.take(pa.array(sources[first])), "target": ids.take(pa.array(targets[first]))}
    for name, kind in KEPT.items():
        if name in arcs.column_names:
            kept[name] = arcs[name].take(pa.array(first)).cast(kind).combine_chunks()
    found = pa.table(kept)
    if "prior" in kept:
        _check_priors(found["prior"])
    return found


def _check_priors(priors: pa.ChunkedArray) -> None:
    values = pc.fill_null(priors, 0.0).to_numpy()
    is_wrong = ~((values >= 0.0) & (values <= 1.0))
    if is_wrong.any():
        row = int(np.argmax(is_wrong))
        raise BadInput(
            Words(f"第 {row + 1} 条边的 prior 是 {values[row]:g}。", f"Arc {row + 1}: prior is {values[row]:g}."),
            mend=Words("先验概率是 0 到 1 的数。", "A prior is a probability, 0 to 1."),
        )


def _read_since(arcs: pa.Table) -> Whole:
    if "since" not in arcs.column_names:
        return np.full(len(arcs), ALWAYS)
    since: Whole = pc.fill_null(arcs["since"].cast(pa.int64()), ALWAYS).to_numpy()
    return since


def _walk(cascades: Cascades, arcs: pa.Table, sources: Whole, targets: Whole) -> Evidence:
    starts, order = _sort_arcs(targets, np.flatnonzero((sources >= 0) & (targets >= 0)), len(cascades.ids))
    exposed, delays, begins, rows, stated = collect_exposures(
        cascades.starts, cascades.users, cascades.times, cascades.parents, starts, order, sources, _read_since(arcs)
    )
    return Evidence(cascades, arcs, sources, targets, exposed, delays / 1e6, begins, rows, stated)


def _sort_arcs(ends: Whole, kept: Whole, accounts: int) -> tuple[Whole, Whole]:
    """Return where the ``kept`` arcs of each account begin, by their ``ends``, and those arcs in that order."""
    order = kept[np.argsort(ends[kept], kind="stable")]
    starts = np.zeros(accounts + 1, np.int64)
    np.cumsum(np.bincount(ends[kept], minlength=accounts), out=starts[1:])
    return starts, order

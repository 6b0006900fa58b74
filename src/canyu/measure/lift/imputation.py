"""Unit and time effects fitted to what was not treated, so that what the treated would have been can be filled in.

Source: K. Borusyak, X. Jaravel, J. Spiess (2024), Review of Economic Studies 91, 3253-3285. With one start it is the
plain difference in differences; with several it does not compare the newly treated with those treated before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from canyu.measure.lift.panel import Array

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Grid:
    """Values by unit and time, and which of them are known and not treated, and known and treated."""

    values: Array
    free: Mask
    treated: Mask

    def drop(self, unit: int) -> Grid:
        """Return the grid without one unit."""
        kept = np.arange(len(self.values)) != unit
        return Grid(self.values[kept], self.free[kept], self.treated[kept])


def impute(grid: Grid) -> Array:
    """Return what every cell would have been without treatment; NaN where no free cells join its unit and time.

    >>> values = np.array([[1.0, 2.0, 9.0], [3.0, 4.0, 6.0]])
    >>> treated = np.array([[False, False, True], [False, False, False]])
    >>> impute(Grid(values, ~treated, treated))[0, 2]
    np.float64(4.0)
    """
    free = grid.free.astype(float)
    known = np.where(grid.free, grid.values, 0.0)
    by_unit, by_time = free.sum(axis=1), free.sum(axis=0)
    share = np.divide(free, by_unit[:, None], where=by_unit[:, None] > 0, out=np.zeros_like(free))
    system = np.diag(by_time) - free.T @ share
    wanted = known.sum(axis=0) - share.T @ known.sum(axis=1)
    of_units, of_times = _find_islands(grid.free)
    seen = np.flatnonzero(by_time > 0)
    # In each island one time's effect is set to nothing: the rest is determined.
    _, firsts = np.unique(of_times[seen], return_index=True)
    rest = np.delete(seen, firsts)
    times = np.zeros(len(by_time))
    times[rest] = np.linalg.solve(system[np.ix_(rest, rest)], wanted[rest])
    units = np.divide((known - free * times).sum(axis=1), by_unit, where=by_unit > 0, out=np.zeros(len(by_unit)))
    filled: Array = np.where(of_units[:, None] == of_times[None, :], units[:, None] + times, np.nan)
    return filled


def _find_islands(free: Mask) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return which island of cells, joined by units and times, each unit and each time belongs to.

    Between islands nothing can be compared: a time that only one island knows says nothing of the units of another.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows, columns = np.nonzero(free)
    many = free.shape[0] + free.shape[1]
    joined = coo_array((np.ones(len(rows)), (rows, columns + free.shape[0])), shape=(many, many))
    _, islands = connected_components(joined, directed=False)
    return islands[: free.shape[0]], islands[free.shape[0] :]


def average_effect(grid: Grid) -> float:
    """Return the average over the treated cells of what is more than would have been; NaN where none can be told."""
    gaps = (grid.values - impute(grid))[grid.treated]
    gaps = gaps[~np.isnan(gaps)]
    return float(gaps.mean()) if gaps.size else float("nan")

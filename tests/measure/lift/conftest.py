"""Panels with a planted effect, and the published inputs beside the checkout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from canyu.measure.lift import Panel


@pytest.fixture(scope="session")
def measure_data(shared_data: Path) -> Path:
    """The folder of published inputs; tests that need it say so when it is absent."""
    folder = shared_data.parent / "scenarios" / "measure-data"
    if not folder.is_dir():
        pytest.skip(f"no published inputs at {folder}: reference results were not compared")
    return folder


def plant(seed: int, units: int, periods: int, start: int, effect: float = 0.0) -> Panel:
    """Series that share two factors and a week; the first unit gains ``effect`` from ``start`` on."""
    random = np.random.default_rng(seed)
    factors = np.cumsum(random.normal(size=(periods, 2)) * 0.3, axis=0)
    factors[:, 1] += 2 * np.sin(np.arange(periods) * 2 * np.pi / 7)
    values = 20 + random.uniform(0.3, 1.5, (units, 2)) @ factors.T + random.normal(size=(units, periods))
    values[0, start:] += effect
    return Panel(tuple(f"u{row}" for row in range(units)), tuple(float(time) for time in range(periods)), values)


@pytest.fixture
def make_world() -> Callable[..., Panel]:
    """``make_world(seed, units, periods, start, effect)``."""
    return plant

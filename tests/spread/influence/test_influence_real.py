from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from canyu.spread.influence import (
    Family,
    FitSettings,
    Method,
    compare_fits,
    fit_delays,
    fit_influence,
    learn_arcs,
    read_cascades,
)
from canyu.spread.influence.public_set import load_public_cascades


@pytest.mark.real
def test_reposts_of_the_past_foretell_later_ones_better_than_one_probability(shared_data: Path) -> None:
    learnt, fitted, held_out = read_cascades(load_public_cascades(shared_data)).split(0.5, 0.3)
    assert learnt.times.min() < fitted.times[fitted.starts[:-1]].min() < held_out.times[held_out.starts[:-1]].min()
    arcs = learn_arcs(learnt)
    fits = [
        fit_influence(fitted, arcs, FitSettings(method, prior_strength=8)) for method in (Method.CONSTANT, Method.EM)
    ]
    constant, em = compare_fits(fits, held_out).to_pylist()
    assert em["trials"] == 151_591
    assert constant["log_likelihood"] == pytest.approx(-0.01732, abs=5e-5)
    assert (em["gain"], em["gain_low"] > 0) == (pytest.approx(0.00067, abs=5e-5), True)
    delays = fit_delays(fits[1], held_out)
    assert delays.family is Family.LOG_NORMAL
    assert np.median(delays.centres) / 60 == pytest.approx(55.3, abs=0.1)

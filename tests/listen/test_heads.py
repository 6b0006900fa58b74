from __future__ import annotations

import numpy as np

from canyu.listen.calibration import Calibration
from canyu.listen.heads import Head, pack_heads, round_weights


def test_weights_are_rounded_to_int8_and_both_fit_one_bucket() -> None:
    rng = np.random.default_rng(2)
    heads = [Head(rng.normal(size=64), 0.5, Calibration(2.0, 1.0)) for _ in range(2)]
    arrays = pack_heads(heads)
    table = arrays["table"]
    for head, column in zip(heads, (table.astype(np.int8), table >> 8), strict=True):
        used = np.abs(head.weights) > np.abs(head.weights).max() / 10
        assert np.array_equal(np.sign(column[used]), np.sign(head.weights[used]))
        assert np.abs(column).max() == 127
    assert arrays["biases"].tolist() == [2.0, 2.0]


def test_weights_of_zero_stay_zero() -> None:
    whole, step = round_weights(np.zeros(4))
    assert whole.tolist() == [0, 0, 0, 0]
    assert step > 0

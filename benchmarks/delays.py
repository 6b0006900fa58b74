"""How long CED's reactions take after what they answer: the defaults of ``canyu spread plan`` and ``block``.

A delay is the time from a post or reaction to one that answers it, a second at least. Three forms are fitted to the
posts that are not held out, each with its most likely parameters, and judged by the mean log-density that they give the
delays of held-out posts; once more with the latest 30 % of posts held out. Intervals: 500 draws of whole posts.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from canyu.spread.held_out import is_held_out

SHARED = Path(os.environ.get("CANYU_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
HOUR_S = 3600.0
DRAWS = 500
LATEST = 0.3
Real = NDArray[np.float64]
Whole = NDArray[np.int64]


def load() -> tuple[Real, Whole, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return delays in hours, each one's post by number, and which posts are held out: by their text, by their time."""
    folder = SHARED / "ced_rumour_cascades"
    posts = pq.read_table(folder / "posts.parquet", columns=["post_id", "text", "time"])
    posts = posts.filter(pc.is_valid(posts["time"]))
    reposts = pq.read_table(folder / "reposts.parquet", columns=["post_id", "mid", "parent_mid", "time"])
    numbers = pc.index_in(reposts["post_id"], posts["post_id"].combine_chunks())
    reposts = reposts.append_column("number", numbers).filter(
        pc.and_(pc.is_valid(numbers), pc.is_valid(reposts["time"]))
    )
    number, own = reposts["number"].to_numpy(), _name(reposts, "mid").combine_chunks()
    above = pc.index_in(_name(reposts, "parent_mid"), own)
    answered = pc.if_else(
        pc.is_null(reposts["parent_mid"]), posts["time"].take(reposts["number"]), reposts["time"].take(above)
    )
    began, done = (pc.cast(one, pa.int64()).to_numpy() for one in (answered, reposts["time"]))
    delays = (done - began) / 1000.0
    fits = pc.is_valid(answered).to_numpy() & (delays >= 0.0)
    by_text = np.array([is_held_out(text) for text in posts["text"].to_pylist()])
    times = pc.cast(posts["time"], pa.int64()).to_numpy()
    by_time = times > np.quantile(times, 1.0 - LATEST)
    return np.maximum(delays[fits], 1.0) / HOUR_S, number[fits].astype(np.int64), by_text, by_time


def _name(reposts: pa.Table, column: str) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(reposts["post_id"].cast(pa.string()), reposts[column], "/")


def fit_weibull(delays: Real) -> tuple[float, float]:
    """Return the most likely shape and scale (Newton's method on the shape)."""
    logs, shape = np.log(delays), 0.5
    for _ in range(50):
        powers = delays**shape
        total, first, second = powers.sum(), (powers * logs).sum(), (powers * logs**2).sum()
        slope = first / total - 1.0 / shape - logs.mean()
        step = slope / (second / total - (first / total) ** 2 + 1.0 / shape**2)
        shape -= step
        if abs(step) < 1e-10:
            break
    return float(shape), float((delays**shape).mean() ** (1.0 / shape))


def measure_densities(fitted: Real, judged: Real) -> tuple[dict[str, Real], dict[str, Any]]:
    """Return the log-density of each judged delay by form, in nats (of hours), and the parameters."""
    logs, mean = np.log(fitted), float(fitted.mean())
    middle, sigma = float(logs.mean()), float(logs.std())
    shape, scale = fit_weibull(fitted)
    own = np.log(judged)
    densities = {
        "log_normal": -0.5 * ((own - middle) / sigma) ** 2 - own - math.log(sigma * math.sqrt(2.0 * math.pi)),
        "weibull": math.log(shape / scale) + (shape - 1.0) * (own - math.log(scale)) - (judged / scale) ** shape,
        "exponential": -math.log(mean) - judged / mean,
    }
    parameters = {
        "median_h": round(math.exp(middle), 3),
        "sigma": round(sigma, 3),
        "weibull_shape": round(shape, 3),
        "weibull_scale_h": round(scale, 3),
        "exponential_mean_h": round(mean, 2),
    }
    return densities, parameters


def draw_intervals(values: list[Real], numbers: Whole, posts: int) -> list[list[float]]:
    """Return the 95 % interval of the mean of each, whole posts drawn anew."""
    rng = np.random.default_rng(7)
    counts = np.bincount(numbers, minlength=posts).astype(np.float64)
    sums = np.array([np.bincount(numbers, one, minlength=posts) for one in values])
    weights = rng.multinomial(posts, np.full(posts, 1.0 / posts), DRAWS)
    means = (weights @ sums.T) / (weights @ counts)[:, None]
    return [[float(low), float(high)] for low, high in np.quantile(means, (0.025, 0.975), axis=0).T]


def judge(delays: Real, numbers: Whole, is_held: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the parameters of the rest, and the mean log-density that each form gives the held-out delays."""
    away = is_held[numbers]
    densities, parameters = measure_densities(delays[~away], delays[away])
    ahead = [densities["log_normal"] - densities[other] for other in ("weibull", "exponential")]
    intervals = draw_intervals(ahead, numbers[away], len(is_held))
    return {
        "fitted": int((~away).sum()),
        "held_out": int(away.sum()),
        "held_out_posts": len(np.unique(numbers[away])),
        **parameters,
        "log_density": {name: round(float(one.mean()), 3) for name, one in densities.items()},
        "log_normal_ahead_of_weibull": [round(float(ahead[0].mean()), 3), *(round(one, 3) for one in intervals[0])],
        "log_normal_ahead_of_exponential": [round(float(ahead[1].mean()), 3), *(round(one, 3) for one in intervals[1])],
    }


def main() -> None:
    delays, numbers, by_text, by_time = load()
    began = time.process_time()
    logs = np.log(delays)
    middle, square = draw_intervals([logs, (logs - logs.mean()) ** 2], numbers, len(by_text))
    line = {
        "name": "delays",
        "delays": len(delays),
        "posts": len(np.unique(numbers)),
        "median_h": round(math.exp(logs.mean()), 3),
        "median_h_interval": [round(math.exp(one), 3) for one in middle],
        "sigma": round(float(logs.std()), 3),
        "sigma_interval": [round(math.sqrt(one), 3) for one in square],
        "quantiles_h": {str(q): round(float(np.quantile(delays, q)), 3) for q in (0.1, 0.25, 0.5, 0.75, 0.9)},
        "by_text": judge(delays, numbers, by_text),
        "by_time": judge(delays, numbers, by_time),
        "cpu_s": round(time.process_time() - began, 2),
    }
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()

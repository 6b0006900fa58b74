"""Rumour candidates: how probable it is that a spreading post is a rumour, from its first hour. Never a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.model_store import TRAIN_AGAIN, VERSION_DIGITS, load_version, read_arrays
from canyu.kit.words import Words
from canyu.listen.kernels.ngrams import sum_weights
from canyu.listen.rumours.candidates import REASONS, Candidate, Scored, build_candidates
from canyu.listen.rumours.features import PROFILE_NAMES, TEXT_NAMES, Features, compute_features
from canyu.listen.rumours.fields import read_posts, read_reactions, to_microseconds
from canyu.listen.rumours.views import (
    LEAST_LISTED,
    Precision,
    Stage,
    View,
    build_table,
    choose_views,
    compute_precisions,
    list_names,
)
from canyu.listen.text import PackedTexts

MODEL_NAME = "rumour-zh"
STAGE_ARRAYS = ("means", "spreads", "weights", "bias", "held", "truths")


@dataclass(frozen=True, slots=True)
class RumourModel:
    """Two word scores (post, reactions) over hashed grams, and one stage per view over them and the numbers.

    ``table``: shape (2^bits,), int16, both int8 weights of a bucket. ``scales``, ``biases``: float64, shape (2,).
    """

    version: str
    table: NDArray[np.int16]
    scales: NDArray[np.float64]
    biases: NDArray[np.float64]
    stages: tuple[Stage, ...]

    @property
    def share(self) -> float:
        """The share of rumours in the set it was trained on."""
        return self.stages[View.TEXT].share

    def rank(
        self,
        posts: pa.Table,
        reactions: pa.Table | None = None,
        *,
        precision: float = 0.9,
        share: float | None = None,
        now: datetime,
    ) -> list[Candidate]:
        """Return the posts worth a look as candidates, the likeliest first; copies of one claim are one candidate.

        Listed are posts that make a claim and whose log-odds reach the threshold that had this ``precision`` on posts
        held out, where ``share`` of the posts are rumours (default: as in the public set, far more than in a brand's
        stream). ``posts``: event_id, time, text; may have actor, followers, friends, messages, is_verified,
        has_description, has_url, pictures, cluster_size, cluster_id (else copies are found here). ``reactions`` up to
        ``now``: parent, time; may have event_id, text, actor, is_direct. Raises BadInput on other columns' types, or
        where no threshold is so precise.
        """
        prior = self.share if share is None else share
        thresholds = self.find_thresholds(precision, prior)
        scored = self.score(posts, reactions, now=now)
        floors = np.array([np.inf if found is None else found.log_odds for found in thresholds])
        keep = np.flatnonzero(scored.log_odds >= floors[scored.views])
        return build_candidates(scored, keep, thresholds, shift=_compute_shift(self.share, prior))

    def score(self, posts: pa.Table, reactions: pa.Table | None = None, *, now: datetime) -> Scored:
        """Return every post with its log-odds, view and what each group of signs added; no filter, no threshold."""
        read = read_posts(posts)
        empty = pa.table({"parent": pa.nulls(0, pa.string()), "time": pa.nulls(0, pa.timestamp("us", "UTC"))})
        table = empty if reactions is None else reactions
        answers = read_reactions(table, read, now)
        features = compute_features(read, answers, to_microseconds(now))
        names = table["event_id"].cast(pa.string()) if "event_id" in table.column_names else None
        texts = table["text"].cast(pa.large_string()) if "text" in table.column_names else None
        views = choose_views(features)
        log_odds, groups = self.weigh(features, views)
        return Scored(read, answers, names, texts, to_microseconds(now), views, log_odds, groups)

    def weigh(self, features: Features, views: NDArray[np.int64]) -> tuple[NDArray[np.float64], dict[str, Any]]:
        """Return log-odds per post, and per group of signs what it added, each float64 of shape (n,)."""
        words = self.score_words(features)
        log_odds = np.zeros(len(views))
        groups = {name: np.zeros(len(views)) for name in REASONS}
        for view in View:
            rows = np.flatnonzero(views == view)
            if not rows.size:
                continue
            stage = self.stages[view]
            parts = stage.weigh(build_table(features, words, view)[rows])
            log_odds[rows] = parts.sum(axis=1) + stage.bias
            for column, name in enumerate(list_names(view)):
                groups[_find_group(name)][rows] += parts[:, column]
        return log_odds, groups

    def score_words(self, features: Features) -> NDArray[np.float64]:
        """Return the word scores of posts and of their reactions, float64, shape (n, 2)."""
        columns = [self._sum(features.source, 0), self._sum(features.reactions, 1)]
        return np.stack(columns, axis=1)

    def find_thresholds(self, precision: float, share: float) -> tuple[Precision | None, ...]:
        """Return the threshold per view; raises BadInput where the asked cannot be had or is no share."""
        if not (0.0 < precision < 1.0 and 0.0 < share < 1.0):
            raise BadInput(
                Words("precision 与 share 必须在 0 与 1 之间。", "precision and share must lie between 0 and 1."),
                mend=Words("例如 precision=0.9。", "For example precision=0.9."),
            )
        found = tuple(stage.find_threshold(precision, share) for stage in self.stages)
        if all(one is None for one in found):
            best = max(
                float(compute_precisions(stage, share)[LEAST_LISTED - 1 :].max(initial=0.0)) for stage in self.stages
            )
            raise BadInput(
                Words(
                    f"留出数据上没有阈值能达到 {precision:.0%} 的精确率，最高 {best:.0%}。",
                    f"no threshold had a precision of {precision:.0%} on posts held out; the best had {best:.0%}.",
                ),
                mend=Words("请降低 precision，或提高 share。", "Ask for less precision, or state a higher share."),
            )
        return found

    def _sum(self, packed: PackedTexts, head: int) -> NDArray[np.float64]:
        sums = sum_weights(packed.codes, packed.offsets, self.table, int(self.table.size).bit_length() - 1)
        return np.asarray(sums[:, head] * (self.scales[head] / np.sqrt(np.maximum(sums[:, 2], 1))) + self.biases[head])


def load_rumours(version: str = "", *, folders: list[Path] | None = None) -> RumourModel:
    """Load the newest installed model, or exactly ``version`` (a name, or a name with its digits after ``+``)."""
    return load_version(version, read_model, default=MODEL_NAME, folders=folders)


def read_model(path: Path) -> RumourModel:
    """Read one weights file; its version is the folder's name and the first digits of the file's SHA-256."""
    arrays, sha256 = read_arrays(path)
    needed = {"table", "scales", "biases"} | {f"{name}_{view}" for name in STAGE_ARRAYS for view in range(len(View))}
    if needed - set(arrays) or arrays["table"].dtype != np.int16:
        raise BadInput(Words(f"{path} 中没有谣言模型。", f"{path} holds no rumour model."), mend=TRAIN_AGAIN)
    stages = tuple(_unpack_stage(arrays, view) for view in View)
    table = arrays["table"]
    fits = all(stage.weights.shape == (len(list_names(view)),) for stage, view in zip(stages, View, strict=True))
    if table.ndim != 1 or table.size.bit_count() != 1 or not fits:
        raise BadInput(Words(f"{path} 中权重的形状不对。", f"{path} has weights of the wrong shape."), mend=TRAIN_AGAIN)
    version = f"{path.parent.name}+{sha256[:VERSION_DIGITS]}"
    return RumourModel(version, table, arrays["scales"], arrays["biases"], stages)


def pack_stages(stages: list[Stage]) -> dict[str, NDArray[np.float64]]:
    """Return the arrays of a weights file that hold the stages, in the order of the views."""
    return {
        f"{name}_{view}": np.atleast_1d(np.asarray(getattr(stage, name), np.float64))
        for view, stage in enumerate(stages)
        for name in STAGE_ARRAYS
    }


def _unpack_stage(arrays: dict[str, NDArray[Any]], view: int) -> Stage:
    means, spreads, weights, bias, held, truths = (arrays[f"{name}_{view}"] for name in STAGE_ARRAYS)
    return Stage(means, spreads, weights, float(bias[0]), held, truths)


def _find_group(name: str) -> str:
    if name in TEXT_NAMES:
        return "signs"
    if name in PROFILE_NAMES:
        return "author"
    return name if name.startswith("words_of") else "spread"


def _compute_shift(old: float, new: float) -> float:
    """Return what a share of rumours other than the trained one adds to the log-odds."""
    return float(np.log(new / (1 - new)) - np.log(old / (1 - old)))

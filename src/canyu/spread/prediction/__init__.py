"""Prediction: how large a cascade will be, with an interval that holds, from what was seen of it so far."""

from __future__ import annotations

from canyu.spread.prediction.features import Root
from canyu.spread.prediction.model import Peak, Prediction, Predictor, Size, load_predictor
from canyu.spread.prediction.seen import SeenCascade
from canyu.spread.prediction.training import SizeSettings, train_sizes

__all__ = [
    "Peak",
    "Prediction",
    "Predictor",
    "Root",
    "SeenCascade",
    "Size",
    "SizeSettings",
    "load_predictor",
    "train_sizes",
]

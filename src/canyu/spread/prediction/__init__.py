"""Prediction: how large a cascade will be, with an interval that holds, from what was seen of it so far."""

from __future__ import annotations

from canyu.spread.prediction.curve import CurvePoint
from canyu.spread.prediction.features import Root
from canyu.spread.prediction.fitting import SizeSettings
from canyu.spread.prediction.model import Peak, Prediction, Predictor, Size, load_predictor
from canyu.spread.prediction.seen import SeenCascade
from canyu.spread.prediction.training import train_sizes

__all__ = [
    "CurvePoint",
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

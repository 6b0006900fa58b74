"""Rumour candidates: a queue of claims that spread and may be false, with the evidence; never a verdict."""

from __future__ import annotations

from canyu.listen.rumours.candidates import REASONS, Candidate, Quote, Scored, Source, Spread
from canyu.listen.rumours.claims import Claim, find_claim
from canyu.listen.rumours.cues import Stance
from canyu.listen.rumours.model import RumourModel, load_rumours
from canyu.listen.rumours.training import RumourSettings, train_rumours
from canyu.listen.rumours.views import Precision, View

__all__ = [
    "REASONS",
    "Candidate",
    "Claim",
    "Precision",
    "Quote",
    "RumourModel",
    "RumourSettings",
    "Scored",
    "Source",
    "Spread",
    "Stance",
    "View",
    "find_claim",
    "load_rumours",
    "train_rumours",
]

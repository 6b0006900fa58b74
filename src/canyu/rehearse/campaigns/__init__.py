"""The campaigns and crises that are planted, each in a module of its own; ``CAMPAIGNS`` names them in order."""

from __future__ import annotations

from collections.abc import Callable

from canyu.rehearse.blocks import Block
from canyu.rehearse.campaigns.bundle import run_bundle
from canyu.rehearse.campaigns.challenge import run_challenge
from canyu.rehearse.campaigns.cocreation import run_cocreation
from canyu.rehearse.campaigns.coordinated import run_coordinated
from canyu.rehearse.campaigns.drop import run_drop
from canyu.rehearse.campaigns.kol_wave import run_kol_wave
from canyu.rehearse.campaigns.livestream import run_livestream
from canyu.rehearse.campaigns.referral import run_referral
from canyu.rehearse.campaigns.rumour import run_rumour
from canyu.rehearse.scene import Stage

CAMPAIGNS: dict[str, Callable[[Stage], list[Block]]] = {
    "livestream": run_livestream,
    "challenge": run_challenge,
    "referral": run_referral,
    "kol_wave": run_kol_wave,
    "rumour": run_rumour,
    "coordinated": run_coordinated,
    "drop": run_drop,
    "bundle": run_bundle,
    "cocreation": run_cocreation,
}

__all__ = ["CAMPAIGNS"]

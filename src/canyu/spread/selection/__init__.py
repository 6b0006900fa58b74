"""Choosing whom to start with: seeds with a certificate, and cascades played forward to judge them."""

from canyu.spread.selection.models import Model
from canyu.spread.selection.options import Options
from canyu.spread.selection.seeds import Selection, select
from canyu.spread.selection.simulation import Spread, simulate

__all__ = ["Model", "Options", "Selection", "Spread", "select", "simulate"]

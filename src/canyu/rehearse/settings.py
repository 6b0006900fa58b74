"""Reads the YAML files beside this module: the market, its seasons, its campaigns and its phrases."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def load_settings(name: str) -> dict[str, Any]:
    """Return one of the rehearsal's own settings files; read once, never to be changed by the reader."""
    text = files("canyu.rehearse").joinpath(f"{name}.yaml").read_text("utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader either way
    return found

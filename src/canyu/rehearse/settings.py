"""Reads the YAML files beside this module: the market, its seasons, its campaigns and its phrases."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from canyu.kit.yamlio import load_yaml


@cache
def load_settings(name: str) -> dict[str, Any]:
    """Return one of the rehearsal's own settings files; read once, never to be changed by the reader."""
    text = files("canyu.rehearse").joinpath(f"{name}.yaml").read_text("utf-8")
    found: dict[str, Any] = load_yaml(text)
    return found

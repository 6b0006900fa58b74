"""YAML read one way everywhere: the safe subset, by libyaml where the wheel has it (ten times faster)."""

from __future__ import annotations

from typing import Any

import yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_yaml(text: str | bytes) -> Any:
    """Return what a YAML text says; raises ``yaml.YAMLError`` where it is none.

    >>> load_yaml("names: [小米, Xiaomi]")
    {'names': ['小米', 'Xiaomi']}
    """
    return yaml.load(text, Loader=LOADER)  # noqa: S506 - a safe loader either way

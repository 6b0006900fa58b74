"""Packages whose names are imported when they are first asked for: a command pays for what it uses."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def load_lazily(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a package (PEP 562).

    ``homes``: module -> the names that it gives, separated by blanks. Declare the same names to type checkers under
    ``TYPE_CHECKING``.
    """
    found = {name: module for module, names in homes.items() for name in names.split()}

    def load(name: str) -> Any:
        if name not in found:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(found[name]), name)
        setattr(sys.modules[package], name, value)  # asked once
        return value

    return load

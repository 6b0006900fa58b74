"""Where pictures lie: one folder of the state, each under a name that nobody can guess."""

from __future__ import annotations

from pathlib import Path

from canyu.ops.config import load_config


def find_folder() -> Path:
    """Return the folder of pictures; it is made with the first one."""
    return load_config().state_path / "charity"


def find_path(name: str) -> Path:
    """Return the file of a picture, whose name is hexadecimal digits."""
    return find_folder() / f"{int(name, 16):032x}.jpg"

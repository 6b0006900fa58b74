"""Which of a team's own sentiment models a listening takes: kept in one small file in the console's state folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json, parse_json
from canyu.kit.model_store import list_model_folders
from canyu.kit.words import Words

MODELS, ACTIVE = "models", "active.json"
STATE_VARIABLE = "CANYU_STATE_FOLDER"


def find_state_folder(lake: str, environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return where the console of this lake keeps its state; None for an object store where no folder is named.

    >>> find_state_folder("my.lake", {}), find_state_folder("s3://bucket/lake", {})
    (PosixPath('my.lake'), None)
    """
    if environment.get(STATE_VARIABLE):
        return Path(environment[STATE_VARIABLE])
    return None if "://" in lake else Path(lake)


def find_active_model(state: Path | None) -> str:
    """Return the version of the team's model that is active, empty where the shipped one is. Raises BadInput.

    A file that cannot be read is refused: another model would change every figure without a word.
    """
    path = Path() if state is None else state / MODELS / ACTIVE
    if state is None or not path.exists():
        return ""
    try:
        told = parse_json(path.read_bytes())
    except (OSError, ValueError):
        told = None
    version = told.get("version") if isinstance(told, dict) else None
    if not isinstance(version, str) or not version:
        raise BadInput(
            Words(f"{path} 没有写明启用哪个模型。", f"{path} does not say which model is active."),
            mend=Words(
                "请在控制台的“更正”页重新启用一个版本，或用 --model 指定。",
                "Activate a version again on the console's page Corrections, or name one with --model.",
            ),
        )
    return version


def set_active_model(state: Path, version: str) -> None:
    """Make the version active for the next listening, empty for the shipped one; a reader sees the old or the new."""
    folder = state / MODELS
    if not version:
        (folder / ACTIVE).unlink(missing_ok=True)
        return
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", encoding="utf-8", dir=folder, suffix=".new", delete=False) as stream:
        stream.write(dump_json({"version": version}) + "\n")
    Path(stream.name).replace(folder / ACTIVE)


def list_folders(state: Path | None) -> list[Path]:
    """Return the folders that hold models, a team's own last."""
    own = [] if state is None else [state / MODELS]
    return [*list_model_folders(), *(folder for folder in own if folder.is_dir())]

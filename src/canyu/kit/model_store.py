"""Where trained weights lie, and how they are written: the same numbers always give the same bytes."""

from __future__ import annotations

import hashlib
import io
import re
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import Words

WEIGHTS = "weights.npz"
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip file can hold
VERSION_DIGITS = 8
TRAIN_AGAIN = Words("请用 `canyu train` 重新训练。", "Train it again with `canyu train`.")


class Versioned(Protocol):
    """A model that says which one it is: its folder's name and, after ``+``, the first digits of its file's SHA-256."""

    @property
    def version(self) -> str:
        """Name and digits."""
        ...


Model = TypeVar("Model", bound=Versioned)


def list_model_folders() -> list[Path]:
    """Return the folders that hold models: a checkout's ``models`` first, then the one an installation brought."""
    checkout = Path(__file__).resolve().parents[3] / "models"
    installed = Path(sys.prefix) / "share" / "canyu" / "models"
    return [folder for folder in (checkout, installed) if folder.is_dir()]


def find_weights(name: str, folders: list[Path] | None = None) -> Path:
    """Return the weights file of the newest model called ``name-1``, ``name-2``…, or of exactly ``name``."""
    candidates = list_model_folders() if folders is None else folders
    for folder in candidates if re.fullmatch(r"[a-z0-9-]+", name) else []:  # a name is never a way out of the folder
        exact = folder / name / WEIGHTS
        if exact.is_file():
            return exact
        numbered = {
            int(path.name.rpartition("-")[2]): path / WEIGHTS
            for path in folder.iterdir()
            if re.fullmatch(re.escape(name) + r"-\d+", path.name) and (path / WEIGHTS).is_file()
        }
        if numbered:
            return numbered[max(numbered)]
    raise NotFound(
        Words(f"没有安装名为 {name} 的模型。", f"no model called {name} is installed."),
        mend=Words(
            "请运行 `canyu train`，或安装自带模型的 Canyu。", "Run `canyu train`, or install Canyu with its models."
        ),
    )


def load_version(
    version: str, read: Callable[[Path], Model], *, default: str, folders: list[Path] | None = None
) -> Model:
    """Return the newest model of the name ``default``, or exactly ``version``: a name, or name and digits.

    Raises NotFound where none of this name, or one of other digits, is installed.
    """
    name, _, digits = (version or default).partition("+")
    model = read(find_weights(name, folders))
    if digits and model.version != version:
        raise NotFound(
            Words(
                f"没有安装模型 {version}，现有的是 {model.version}。",
                f"model {version} is not installed, {model.version} is.",
            ),
            mend=Words("不指定版本即可。", "Leave the version out."),
        )
    return model


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> str:
    """Write a plain ``.npz`` (stored, sorted, without times) and return its SHA-256."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(arrays):
            member = zipfile.ZipInfo(f"{name}.npy", ZIP_EPOCH)
            member.external_attr = 0o644 << 16
            member.create_system = 3  # the same on every system
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(arrays[name]), version=(1, 0), allow_pickle=False)
            archive.writestr(member, content.getvalue())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())
    return hashlib.sha256(buffer.getvalue()).hexdigest()


def read_arrays(path: Path) -> tuple[dict[str, NDArray[Any]], str]:
    """Return the arrays of a weights file and its SHA-256; raises BadInput where it is no such file."""
    content = path.read_bytes()
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as loaded:
            arrays = {name: loaded[name] for name in loaded.files}
    except (ValueError, OSError, EOFError, KeyError, AttributeError, zipfile.BadZipFile) as error:
        raise BadInput(
            Words(f"{path} 不是权重文件（{error}）。", f"{path} is not a weights file ({error})."), mend=TRAIN_AGAIN
        ) from error
    return arrays, hashlib.sha256(content).hexdigest()

"""Ready-made mappings for public data sets and common exports, one YAML file each under ``presets``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from canyu.events.importers.mapping import Mapping, parse_mapping
from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.kit.yamlio import load_yaml


@dataclass(frozen=True, slots=True)
class Preset:
    """A mapping for one file of a public data set, where it lies in a folder of them; or ("") for a kind of export."""

    name: str
    dataset: str
    mapping: Mapping


@cache
def list_presets() -> tuple[Preset, ...]:
    """Return every preset, by name."""
    folder = files("canyu.events.importers").joinpath("presets")
    return tuple(
        _parse_preset(entry.name.removesuffix(".yaml"), entry.read_text("utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".yaml")
    )


def get_preset(name: str) -> Preset:
    """Return the preset called ``name``. Raises NotFound."""
    found = next((preset for preset in list_presets() if preset.name == name), None)
    if found is None:
        names = [preset.name for preset in list_presets()]
        raise NotFound(
            Words(f"没有“{name}”这个预设。", f"There is no preset “{name}”."),
            mend=Words(f"可用的预设：{'、'.join(names)}。", f"Presets: {', '.join(names)}."),
        )
    return found


def find_preset_files(folder: Path) -> list[tuple[Path, Preset]]:
    """Return the files of a folder of data sets that a preset is for. Raises NotFound where there is none."""
    found = [(folder / preset.dataset, preset) for preset in list_presets() if _is_there(folder, preset)]
    if not found:
        raise NotFound(
            Words(f"{folder} 下没有一个文件有对应的预设。", f"No file under {folder} has a preset."),
            mend=Words("请给出放着各数据集文件夹的那个文件夹。", "Give the folder that holds the data sets' folders."),
        )
    return found


def _is_there(folder: Path, preset: Preset) -> bool:
    return bool(preset.dataset) and (folder / preset.dataset).is_file()


def _parse_preset(name: str, text: str) -> Preset:
    document = load_yaml(text)
    dataset = document.pop("dataset", "")
    return Preset(name, dataset, parse_mapping(document, name=Words(f"预设 {name}", f"preset {name}")))

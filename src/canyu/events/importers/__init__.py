"""The ways in: files of posts, reposts, orders and measured facts become events of the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.events.importers.actors import get_salt, hash_actor
    from canyu.events.importers.guess import Stated, guess_mapping
    from canyu.events.importers.mapping import (
        Mapping,
        dump_mapping,
        load_mapping,
        parse_mapping,
    )
    from canyu.events.importers.mends import find_mend
    from canyu.events.importers.preset import (
        Preset,
        find_preset_files,
        get_preset,
        list_presets,
    )
    from canyu.events.importers.report import FileReport, ImportReport, render_table
    from canyu.events.importers.run import (
        Plan,
        import_file,
        import_files,
        plan_import,
        preview_events,
    )

__all__ = [
    "FileReport",
    "ImportReport",
    "Mapping",
    "Plan",
    "Preset",
    "Stated",
    "dump_mapping",
    "find_mend",
    "find_preset_files",
    "get_preset",
    "get_salt",
    "guess_mapping",
    "hash_actor",
    "import_file",
    "import_files",
    "list_presets",
    "load_mapping",
    "parse_mapping",
    "plan_import",
    "preview_events",
    "render_table",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.events.importers.actors": "get_salt hash_actor",
        "canyu.events.importers.guess": "Stated guess_mapping",
        "canyu.events.importers.mapping": "Mapping dump_mapping load_mapping parse_mapping",
        "canyu.events.importers.mends": "find_mend",
        "canyu.events.importers.preset": "Preset find_preset_files get_preset list_presets",
        "canyu.events.importers.report": "FileReport ImportReport render_table",
        "canyu.events.importers.run": "Plan import_file import_files plan_import preview_events",
    },
)

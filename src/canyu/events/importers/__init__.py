"""The ways in: files of posts, reposts, orders and measured facts become events of the lake."""

from canyu.events.importers.actors import get_salt, hash_actor
from canyu.events.importers.guess import Stated, guess_mapping
from canyu.events.importers.mapping import Mapping, dump_mapping, load_mapping, parse_mapping
from canyu.events.importers.mends import find_mend
from canyu.events.importers.preset import Preset, find_preset_files, get_preset, list_presets
from canyu.events.importers.report import FileReport, ImportReport, render_table
from canyu.events.importers.run import Plan, import_file, import_files, plan_import, preview_events

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

"""The mapping: how the columns of one kind of file become events, as a small YAML file that a person can edit."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import Text, Words
from canyu.kit.yamlio import load_yaml

KINDS = ("text", "count", "number", "money", "integer", "boolean", "json")
EVENT_CELLS = (
    "time",
    "verb",
    "text",
    "actor",
    "object",
    "parent",
    "campaign",
    "value",
    "currency",
    "channel",
    "market",
)
CONSTANT_FIRST = frozenset({"verb", "channel", "market", "currency", "campaign"})
"""Fields whose plain word is a constant; in all others a plain word names a column."""

HELP = Words("参见参考文档里讲映射的一页。", "See the reference page on mappings.")


@dataclass(frozen=True, slots=True)
class Cell:
    """Where one field comes from: a column (with its kind and a table of values), a constant, a template or SQL."""

    column: str = ""
    kind: str = "text"
    table: dict[str, str] = field(default_factory=dict)
    otherwise: str = ""
    constant: str = ""
    template: str = ""
    sql: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows where ``when`` (SQL) holds are refused, with a reason and its mend."""

    when: str
    field: str
    reason: str
    mend: Text


@dataclass(frozen=True, slots=True)
class Mapping:
    """How one kind of file becomes events. The reference page on mappings describes each entry."""

    source: str = "file"
    cells: dict[str, Cell] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    parent_key: tuple[str, ...] = ()
    props: dict[str, Cell] = field(default_factory=dict)
    rest: str = "keep"
    drop: tuple[str, ...] = ()
    actor: str = "hash"
    zone: str = ""
    captured: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    arrange: str = ""
    beside: dict[str, str] = field(default_factory=dict)
    join: str = ""
    refuse: tuple[Rule, ...] = ()
    is_export: bool = False


NAME = Words("映射", "the mapping")
"""What errors call a mapping that stands in no file."""


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file. Raises NotFound, or BadInput naming the entry that is wrong."""
    if not path.is_file():
        raise NotFound(
            Words(f"没有 {path} 这个映射文件。", f"There is no mapping file {path}."),
            mend=Words(
                "让导入命令写一份：--write-mapping 文件名。", "Let the importer write one: --write-mapping FILE."
            ),
        )
    try:
        document = load_yaml(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(
            Words(f"{path.name} 不是 YAML：{error}", f"{path.name} is not YAML: {error}"), mend=HELP
        ) from error
    return parse_mapping(document, name=Words(path.name, path.name))


def parse_mapping(document: Any, *, name: Words = NAME) -> Mapping:
    """Return the mapping that a YAML document describes. Raises BadInput naming the entry that is wrong."""
    if not isinstance(document, dict):
        raise BadInput(Words(f"{name.zh} 里一项也没有。", f"{name.en} has no entries."), mend=HELP)
    known = {*EVENT_CELLS, *(f.name for f in fields(Mapping))} - {"cells", "parent_key", "is_export", "actor"}
    known |= {"actor", "actor_as"}
    unknown = sorted(set(map(str, document)) - known)
    if unknown:
        raise BadInput(
            Words(f"{name.zh} 里有不认识的项“{unknown[0]}”。", f"{name.en} has the unknown entry “{unknown[0]}”."),
            mend=Words(f"可用的项：{'、'.join(sorted(known))}。", f"Entries are: {', '.join(sorted(known))}."),
        )
    cells = {
        entry: _parse_cell(document[entry], entry, name)
        for entry in EVENT_CELLS
        if entry != "parent" and document.get(entry) is not None
    }
    words: dict[str, Any] = {
        entry: _parse_word(document[entry], entry, name) for entry in WORD_ENTRIES if document.get(entry) is not None
    }
    mapping = Mapping(
        cells=cells,
        key=_parse_names(document.get("key"), "key", name),
        parent_key=_parse_names(document.get("parent"), "parent", name),
        props={str(k): _parse_cell(v, f"props.{k}", name) for k, v in _parse_table(document, "props", name).items()},
        drop=_parse_names(document.get("drop"), "drop", name),
        beside={str(k): str(v) for k, v in _parse_table(document, "beside", name).items()},
        actor=str(document.get("actor_as", "hash")),
        refuse=tuple(_parse_rule(rule, name) for rule in document.get("refuse") or ()),
    )
    mapping = replace(mapping, **words)
    _check(mapping, name)
    return mapping


WORD_ENTRIES = ("source", "rest", "zone", "captured", "encoding", "delimiter", "sheet", "arrange", "join")


def dump_mapping(mapping: Mapping) -> str:
    """Return the mapping as YAML, with only the entries that say something.

    >>> print(dump_mapping(Mapping(cells={"time": Cell(column="发布时间")}, zone="Asia/Shanghai")).strip())
    source: file
    zone: Asia/Shanghai
    time: 发布时间
    actor_as: hash
    """
    document: dict[str, Any] = {"source": mapping.source}
    document |= {
        entry: getattr(mapping, entry) for entry in WORD_ENTRIES if entry != "source" and getattr(mapping, entry)
    }
    if document.get("rest") == "keep":
        del document["rest"]
    if mapping.key:
        document["key"] = list(mapping.key)
    document |= {entry: _dump_cell(cell, entry) for entry, cell in mapping.cells.items()}
    if mapping.parent_key:
        document["parent"] = list(mapping.parent_key)
    document["actor_as"] = mapping.actor
    if mapping.props:
        document["props"] = {key: _dump_cell(cell, f"props.{key}") for key, cell in mapping.props.items()}
    if mapping.drop:
        document["drop"] = list(mapping.drop)
    text: str = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)
    return text


def _dump_cell(cell: Cell, entry: str) -> Any:
    if cell.constant and entry in CONSTANT_FIRST:
        return cell.constant
    if cell.column and cell.kind == "text" and not cell.table and entry not in CONSTANT_FIRST:
        return cell.column
    found = {"column": cell.column, "constant": cell.constant, "template": cell.template, "sql": cell.sql}
    if cell.kind != "text":
        found["as"] = cell.kind
    return {key: value for key, value in found.items() if value} | (
        {"table": cell.table, "otherwise": cell.otherwise} if cell.table else {}
    )


def _parse_cell(value: Any, entry: str, name: Words) -> Cell:
    if isinstance(value, bool) or value is None or isinstance(value, list):
        raise _refuse(name, f"“{entry}”要写成一个词或一张表。", f"“{entry}” must be a word or a table.")
    if not isinstance(value, dict):
        return Cell(constant=str(value)) if entry in CONSTANT_FIRST else Cell(column=str(value))
    allowed = {"column", "as", "table", "otherwise", "constant", "template", "sql"}
    unknown = sorted(set(map(str, value)) - allowed)
    origins = [key for key in ("column", "constant", "template", "sql") if value.get(key) is not None]
    if unknown or len(origins) != 1:
        said = (
            Words(f"里有不认识的项“{unknown[0]}”", f"has the unknown entry “{unknown[0]}”")
            if unknown
            else Words(
                "要在 column、constant、template、sql 里恰好写一个",
                "needs exactly one of column, constant, template, sql",
            )
        )
        raise _refuse(name, f"“{entry}”{said.zh}。", f"“{entry}” {said.en}.")
    kind = str(value.get("as", "text"))
    if kind not in KINDS:
        mend = Words(f"可用的类型：{'、'.join(KINDS)}。", f"Kinds are: {', '.join(KINDS)}.")
        raise _refuse(name, f"“{entry}”的类型“{kind}”不认识。", f"“{entry}” has the unknown kind “{kind}”.", mend=mend)
    table = {str(k): str(v) for k, v in (value.get("table") or {}).items()}
    words = {
        key: str(value[key])
        for key in ("column", "constant", "template", "sql", "otherwise")
        if value.get(key) is not None
    }
    return Cell(kind=kind, table=table, **words)


def _parse_rule(value: Any, name: Words) -> Rule:
    if not isinstance(value, dict) or not {"when", "field", "reason", "mend"} == set(value):
        raise _refuse(
            name,
            "“refuse”下的每条规则都要有 when、field、reason 和 mend。",
            "each rule under “refuse” needs when, field, reason and mend.",
        )
    return Rule(str(value["when"]), str(value["field"]), str(value["reason"]), _parse_text(value["mend"], name))


def _parse_text(value: Any, name: Words) -> Text:
    """Return a text for people: one, or one in each language as ``{zh: …, en: …}``."""
    if not isinstance(value, dict):
        return str(value)
    if set(value) != {"zh", "en"}:
        raise _refuse(
            name,
            "规则里的“mend”要写成一段文字，或在 zh 和 en 下各写一段。",
            "the “mend” of a rule must be a text, or one each under zh and en.",
        )
    return Words(str(value["zh"]), str(value["en"]))


def _parse_names(value: Any, entry: str, name: Words) -> tuple[str, ...]:
    if value is None:
        return ()
    names = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str | int) for item in names):
        raise _refuse(name, f"“{entry}”要写成一列或几列的列表。", f"“{entry}” must be a column or a list of columns.")
    return tuple(str(item) for item in names)


def _parse_table(document: dict[Any, Any], entry: str, name: Words) -> dict[Any, Any]:
    table = document.get(entry) or {}
    if not isinstance(table, dict):
        raise _refuse(name, f"“{entry}”要写成一张表。", f"“{entry}” must be a table.")
    return table


def _parse_word(value: Any, entry: str, name: Words) -> str:
    if isinstance(value, dict | list | bool):
        raise _refuse(name, f"“{entry}”要写成一个词。", f"“{entry}” must be one word.")
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _check(mapping: Mapping, name: Words) -> None:
    if mapping.actor not in ("hash", "keep"):
        raise _refuse(
            name,
            f"“actor_as”只能是 hash 或 keep，不能是“{mapping.actor}”。",
            f"“actor_as” is hash or keep, not “{mapping.actor}”.",
        )
    if mapping.rest not in ("keep", "drop"):
        raise _refuse(
            name,
            f"“rest”只能是 keep 或 drop，不能是“{mapping.rest}”。",
            f"“rest” is keep or drop, not “{mapping.rest}”.",
        )
    if mapping.zone:
        open_zone(mapping.zone)
    if any(Path(file).name != file for file in mapping.beside.values()):
        raise _refuse(
            name,
            "“beside”下的文件要在同一个文件夹里。",
            "files under “beside” stand in the same folder.",
            mend=Words("只写文件名，不写文件夹。", "Write file names without folders."),
        )


def _refuse(name: Words, zh: str, en: str, *, mend: Words = HELP) -> BadInput:
    """Return the error for an entry of the mapping that is called ``name``."""
    return BadInput(Words(f"{name.zh}：{zh}", f"{name.en}: {en}"), mend=mend)


def open_zone(name: str) -> ZoneInfo:
    """Return the time zone called ``name``. Raises BadInput where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(
            Words(f"没有“{name}”这个时区。", f"There is no time zone “{name}”."),
            mend=Words(
                "用 Asia/Shanghai、Europe/London 这样的时区名。", "Use a name as Asia/Shanghai or Europe/London."
            ),
        ) from error

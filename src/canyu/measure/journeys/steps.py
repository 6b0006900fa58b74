"""Which events are a step of a funnel, a touch or a conversion: a type and what its fields must be."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

import ibis.expr.types as ir

from canyu.events.vocabulary import Verb
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.props import read_prop

FIELDS = ("channel", "campaign", "object", "market", "source")
PROP = "props."
OF_STAFF = "console"
"""The source of what people of the brand do in the console: nobody's journey."""

_PROP_NAME = re.compile(r"props\.[A-Za-z_][\w-]{0,63}")
FIELD_NAMES = Words(
    f"可用的字段：{'、'.join(FIELDS)}、props.名称。",
    f"Fields: {', '.join(FIELDS)}, and props.NAME for the rest.",
)


@dataclass(frozen=True, slots=True)
class Step:
    """Events of one or more types whose fields have these values; ``given`` holds pairs of field and value."""

    types: tuple[str, ...]
    given: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The step as it is written on the command line."""
        return " ".join((",".join(self.types), *(shlex.quote(f"{field}={value}") for field, value in self.given)))


def parse_step(text: str) -> Step:
    """Return the step that a text means. Raises BadInput where it names no event type or an unknown field.

    >>> parse_step('click,scan channel=weibo "campaign=spring sale" props.poster=2')
    Step(types=('click', 'scan'), given=(('channel', 'weibo'), ('campaign', 'spring sale'), ('props.poster', '2')))
    >>> parse_step("order").name
    'order'
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise BadInput(
            Words(f"步骤 {text!r} 的引号不成对。", f"The quotes of the step {text!r} do not close."),
            mend=Words("请补上引号。", "Close them."),
        ) from error
    types = tuple(dict.fromkeys(name for name in (words[0].split(",") if words else []) if name))
    unknown = [name for name in types if name not in set(Verb)]
    if not types or unknown:
        raise BadInput(
            Words(f"步骤 {text!r} 没有写明事件类型。", f"The step {text!r} names no event type that there is."),
            mend=Words(f"可用的类型：{'、'.join(Verb)}。", f"Types: {', '.join(Verb)}."),
        )
    return Step(types, tuple(_parse_given(word, text) for word in words[1:]))


def check_field(field: str) -> str:
    """Return the name of a field that events may be told apart by. Raises BadInput where there is none of it."""
    if field in FIELDS or _PROP_NAME.fullmatch(field):
        return field
    raise BadInput(Words(f"没有名为 {field!r} 的字段。", f"There is no field {field!r}."), mend=FIELD_NAMES)


def match_step(events: ir.Table, step: Step) -> ir.BooleanValue:
    """Return the condition under which an event is of the step; it must be somebody's, and not of the staff."""
    return match_kind(events, step) & events.actor.notnull() & (events.source != OF_STAFF)


def match_kind(events: ir.Table, step: Step) -> ir.BooleanValue:
    """Return the condition under which an event that is somebody's, and not of the staff, is of the step."""
    found: ir.BooleanValue = events.type == step.types[0] if len(step.types) == 1 else events.type.isin(step.types)
    for field, value in step.given:
        found = found & (read_field(events, field) == value)
    return found


def keep_types(events: ir.Table, steps: Iterable[Step]) -> ir.Table:
    """Keep the events that are somebody's and of a type of any of the steps: a reader of files drops the rest early."""
    types = sorted({kind for step in steps for kind in step.types})
    return events.filter(events.type.isin(types), events.actor.notnull())


def read_field(events: ir.Table, field: str) -> ir.StringColumn:
    """Return a field as text, empty where it is not told."""
    if not field.startswith(PROP):
        column: ir.StringColumn = events[field].fill_null("")
        return column
    return read_prop(events.props, field.removeprefix(PROP))


def can_coincide(one: Step, other: Step) -> bool:
    """Tell whether one event could be of both steps.

    >>> can_coincide(parse_step("view"), parse_step("view channel=weibo"))
    True
    >>> can_coincide(parse_step("view channel=douyin"), parse_step("view channel=weibo"))
    False
    """
    mine, theirs = dict(one.given), dict(other.given)
    differ = any(mine[field] != theirs[field] for field in mine.keys() & theirs.keys())
    return bool(set(one.types) & set(other.types)) and not differ


def _parse_given(word: str, text: str) -> tuple[str, str]:
    field, sign, value = word.partition("=")
    if not sign or not value:
        raise BadInput(
            Words(f"步骤 {text!r} 里的 {word!r} 不是“字段=值”。", f"In the step {text!r} {word!r} is no field=value."),
            mend=FIELD_NAMES,
        )
    return check_field(field), value

"""What pydantic finds wrong with a value, in words of both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from canyu.kit.words import Words

UNUSABLE = "这个值不能使用"
FAULTS: dict[str, str] = {
    "missing": "缺少这个值",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "int_type": "应为整数",
    "bool_parsing": "应为 true 或 false",
    "bool_type": "应为 true 或 false",
    "string_type": "应为文本",
    "date_parsing": "应为日期，例如 2025-04-01",
    "date_from_datetime_parsing": "应为日期，例如 2025-04-01",
    "date_from_datetime_inexact": "应为日期，例如 2025-04-01",
    "date_type": "应为日期，例如 2025-04-01",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
}
"""Kind of fault -> what is wrong, in Chinese; pydantic says it in English itself."""


def _get_last(place: Sequence[Any]) -> str:
    return str(place[-1])


def list_faults(faults: Iterable[Mapping[str, Any]], name: Callable[[Sequence[Any]], str] = _get_last) -> Words:
    """Return every fault with the name of what is at fault; ``name`` turns its place into what the person calls it.

    >>> fault = {"type": "greater_than_equal", "loc": ("page",), "msg": "Input should be …", "ctx": {"ge": 1}}
    >>> list_faults([fault]).zh
    'page：不能小于 1'
    """
    said = [(name(fault["loc"]), _say_chinese(fault), fault["msg"]) for fault in faults]
    zh = "；".join(f"{place}：{text}" for place, text, _ in said)
    return Words(zh, "; ".join(f"{place}: {text}" for place, _, text in said))


def _say_chinese(fault: Mapping[str, Any]) -> str:
    return FAULTS.get(fault["type"], UNUSABLE).format(**fault.get("ctx", {}))

"""Mapping files: read, written, and refused with the entry that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from canyu.events.importers import dump_mapping, load_mapping, parse_mapping, plan_import
from canyu.events.importers.guess import Stated
from canyu.events.importers.preset import get_preset, list_presets
from canyu.kit.errors import BadInput, NotFound


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "no entries"),
        ({"tiem": "x"}, "unknown entry “tiem”"),
        ({"time": {"column": "a", "constant": "b"}}, "needs exactly one of"),
        ({"time": {"colum": "a"}}, "unknown entry “colum”"),
        ({"value": {"column": "a", "as": "cash"}}, "unknown kind “cash”"),
        ({"time": ["a"]}, "“time” must be a word or a table"),
        ({"key": {"a": 1}}, "“key” must be a column or a list"),
        ({"props": ["a"]}, "“props” must be a table"),
        ({"actor_as": "plain"}, "hash or keep"),
        ({"rest": "maybe"}, "keep or drop"),
        ({"zone": "Mars/Olympus"}, "no time zone “Mars/Olympus”"),
        ({"beside": {"x": "../secret.parquet"}}, "same folder"),
        ({"refuse": [{"when": "true"}]}, "needs when, field, reason and mend"),
        ({"source": {"a": 1}}, "“source” must be one word"),
    ],
)
def test_a_wrong_entry_is_named(document: Any, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parse_mapping(document)


def test_a_file_that_is_no_yaml_or_not_there(write: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not YAML"):
        load_mapping(write("a.yaml", "a: [1"))
    with pytest.raises(NotFound, match="no mapping file"):
        load_mapping(tmp_path / "none.yaml")


def test_a_guess_that_is_written_and_read_back_is_the_same(write: Callable[..., Path]) -> None:
    path = write("a.csv", "微博ID,正文,时间,用户ID,昵称,点赞数,类型\n1,x,2025-01-01,u,n,1.2万,y\n")
    guessed = plan_import(path, None, Stated(zone="Asia/Shanghai", market="cn", channel="weibo")).mapping
    assert load_mapping(write("m.yaml", dump_mapping(guessed))) == guessed


def test_every_preset_is_sound() -> None:
    presets = list_presets()
    assert len([preset for preset in presets if preset.dataset]) == 17
    assert [preset.name for preset in presets if "time" not in preset.mapping.cells] == []
    observed = [p for p in presets if p.mapping.cells["verb"].constant == "observe"]
    assert [p.name for p in observed if "metric" not in p.mapping.props] == []
    with pytest.raises(NotFound, match="no preset"):
        get_preset("nope")

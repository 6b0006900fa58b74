"""What the page of the docs shows is so."""

from __future__ import annotations

import re
from pathlib import Path

from canyu.listen.copycheck import INDUSTRIES, Ground, check_copy

PAGE = Path(__file__).resolve().parents[3] / "docs" / "listen" / "copycheck.md"
ROW = re.compile(r"^\| `(\w+)` [^|]*\| (.+?) \| (.+?) \|$", re.MULTILINE)


def test_every_ground_has_an_example_that_holds() -> None:
    rows = ROW.findall(PAGE.read_text("utf-8"))
    assert {ground for ground, _, _ in rows} == {ground.value for ground in Ground} - {"none"}
    for ground, lawful, breach in rows:
        assert [each.ground.value for each in check_copy(lawful).findings] == [ground]
        assert not check_copy(lawful).is_flagged
        assert check_copy(breach).is_flagged


def test_the_industries_are_listed() -> None:
    listed = re.search(r"`(appliance, [^`]+)`", PAGE.read_text("utf-8"))
    assert listed is not None
    assert tuple(re.split(r",\s+", listed[1])) == INDUSTRIES

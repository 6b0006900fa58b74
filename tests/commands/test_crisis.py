"""``canyu crisis turned``: what a program reads, what a person reads, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from canyu.commands.crisis import command
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import parse_json

STATEMENT = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def posts(tmp_path: Path) -> str:
    """Three days before and three after: the leak falls from 60 % negative to 25, the seats stay at 20."""
    rng = np.random.default_rng(2)
    rows = []
    for hour in range(-72, 72):
        for topic, share in (("leak", 0.6 if hour < 0 else 0.25), ("seat", 0.2)):
            at = STATEMENT + timedelta(hours=hour)
            rows += [(at + timedelta(minutes=n), topic, int(rng.random() < share)) for n in range(20)]
    columns = [list(column) for column in zip(*rows, strict=True)]
    path = tmp_path / "posts.parquet"
    pq.write_table(pa.table(columns, ["time", "topic", "negative"]), path)
    return str(path)


def ask(*words: str) -> Result:
    return CliRunner().invoke(command, ["turned", *words])


def test_a_program_reads_the_verdict_and_what_it_rests_on(posts: str) -> None:
    found = ask(posts, "--topic", "leak", "--statement", "2026-05-01T08:00:00+08:00", "--json")
    assert found.exit_code == 0, found.output
    told = parse_json(found.stdout)
    assert told["verdict"] == "turned"
    assert told["change"]["low"] <= -0.35 <= told["change"]["high"] < 0
    assert told["cells"]["topic_before"]["posts"] == 72 * 20
    assert (told["needed"], told["controls"], told["closing"], told["looks"]) == ({}, ["seat"], None, 72)


def test_a_person_reads_it_and_whether_the_crisis_may_close(posts: str) -> None:
    found = ask(posts, "--topic", "leak", "--statement", "2026-05-01T00:00", "--began", "2026-04-29T00:00")
    assert "Opinion turned" in found.output
    assert "topic, before: " in found.output
    assert "Too few days before the crisis" in found.output


def test_what_cannot_be_read_is_refused_with_its_row(posts: str, tmp_path: Path) -> None:
    for words in (("--topic", "nothing"), ("--topic", "leak", "--columns", "time,topic")):
        assert isinstance(ask(posts, *words, "--statement", "2026-05-01").exception, BadInput)
    broken = tmp_path / "broken.csv"
    broken.write_text("time,topic,negative\n2026-05-01T00:00:00Z,leak,1\n2026-05-01T01:00:00Z,leak,maybe\n", "utf-8")
    refused = ask(str(broken), "--topic", "leak", "--statement", "2026-05-01").exception
    assert isinstance(refused, BadInput)
    assert "Row 2" in str(refused.message)

"""The lake of public data: every row of every data set is an event or lies in quarantine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import ibis
import pyarrow.compute as pc
import pytest

import canyu
from canyu.commands.claims_page import write_page
from canyu.events.importers import list_presets
from canyu.kit.clock import get_now
from canyu.kit.jsonio import parse_json
from canyu.measure.claims import Verdict, check_claims, load_claims

pytestmark = [pytest.mark.real, pytest.mark.long]

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "real-data.md"
CLAIMS = ROOT / "docs" / "casebook" / "xiaomi-2025-claims.md"


@pytest.fixture(scope="module")
def built(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[canyu.Lake, dict[str, int], str]:
    """Build the lake as ``make real`` does; give the lake, the command's totals and the page it wrote."""
    folder = tmp_path_factory.mktemp("real")
    arguments = ["--preset-folder", shared_data, "--lake", folder / "real.lake", "--table", folder / "t.md", "--json"]
    found = subprocess.run(
        [sys.executable, "-c", "from canyu.cli import main; main()", "import", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert found.returncode == 0, found.stderr[-2000:]
    totals = parse_json(found.stdout.strip().splitlines()[-1])
    return canyu.open(folder / "real.lake"), totals, (folder / "t.md").read_text("utf-8")


def read_rows(page: str) -> dict[str, tuple[int, int, int, int]]:
    """Return file -> rows, kept, refused, added from the page."""
    rows = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 6 and cells[0].endswith(".parquet"):
            rows[cells[0]] = tuple(int(cell.replace(",", "")) for cell in cells[1:5])
    return rows  # type: ignore[return-value]


def read_stated_rows(folder: Path) -> int:
    text = (folder.parent / "README.md").read_text("utf-8")
    found = re.search(rf"{re.escape(folder.name)} \(([\d,]+) rows\)", text)
    assert found is not None
    return int(found[1].replace(",", ""))


def count(lake: canyu.Lake, **equal: Any) -> int:
    events = lake.scan()
    for name, value in equal.items():
        events = events.filter(events[name] == value)
    found: int = lake.engine.run(events.aggregate(n=ibis._.count()))["n"][0].as_py()
    return found


def test_the_counts_are_those_the_data_sets_state(built: Any, shared_data: Path) -> None:
    rows = read_rows(built[2])
    stated = {
        preset.dataset: read_stated_rows(shared_data / preset.dataset) for preset in list_presets() if preset.dataset
    }
    assert {file: counts[0] for file, counts in rows.items()} == stated
    assert [file for file, (all_, kept, refused, _) in rows.items() if all_ != kept + refused] == []


def test_the_lake_holds_what_the_page_says(built: Any) -> None:
    lake, totals, page = built
    rows = read_rows(page)
    assert count(lake) == totals["added"] == sum(counts[3] for counts in rows.values())
    assert lake.engine.run(lake.scan("quarantine").count().as_table()).column(0)[0].as_py() == totals["refused"]


def test_the_page_in_the_docs_is_the_one_just_written(built: Any) -> None:
    assert PAGE.read_text("utf-8") == built[2]


def test_the_claims_in_the_docs_are_those_that_the_lake_judges(built: Any) -> None:
    """A figure, and each way of having none; the claim on hot lists wants a lake that was listened to."""
    chosen = {"su7-units", "community-posts", "overseas-stores", "conversion-brought"}
    claims = [each for each in load_claims(ROOT / "claims" / "xiaomi-2025.yaml") if each.id in chosen]
    checks = check_claims(built[0], claims, get_now())
    page = CLAIMS.read_text("utf-8")
    written = write_page(checks, "xiaomi-2025").split("\n\n")
    parts = [part for part in written if part.startswith(("### ", "说法出处", "```sql"))]
    rows = [line for part in written for line in part.splitlines() if line.startswith("| ") and "<br>" in line]
    assert len(rows) == len(claims) == 4
    assert [part for part in (*parts, *rows) if part not in page] == []
    units = next(each for each in checks if each.claim.id == "su7-units")
    assert (units.judged.verdict, units.bounds) == (Verdict.VERIFIED, (219_529, None))


def test_reposts_hang_on_posts_or_on_each_other(built: Any) -> None:
    lake = built[0]
    events = lake.scan().filter(ibis._.source == "ced_rumour_cascades")
    table = lake.engine.run(events.select("id", "parent", "props"))
    orphans = table.filter(pc.and_(table["parent"].is_valid(), pc.invert(pc.is_in(table["parent"], table["id"]))))
    cascades = {parse_json(props)["post_id"] for props in orphans["props"].to_pylist()}
    assert count(lake, source="ced_rumour_cascades", type="repost") == 1_033_132
    # 73 posts have no time and lie in quarantine: only what hung on them hangs on nothing now
    assert len(cascades) == 73


def test_orders_refunds_and_money(built: Any) -> None:
    lake = built[0]
    assert count(lake, source="uci_online_retail_2010", type="refund") == 7_535 + 366 + 1
    assert count(lake, source="cdnow", type="order") == 55_633
    total = lake.scan().filter(lambda e: e.source == "cdnow").value.sum()
    assert lake.engine.run(total.as_table()).column(0)[0].as_py() == 199_263_813  # 1,992,638.13 dollars


def test_measured_facts_name_their_metric(built: Any) -> None:
    lake = built[0]
    observed = lake.scan().filter(lambda e: e.type == "observe")
    metric = observed.props.cast("json")["metric"].unwrap_as("string")
    found = lake.engine.run(observed.group_by(metric=metric).aggregate(n=ibis._.count()))
    assert dict(zip(found["metric"].to_pylist(), found["n"].to_pylist(), strict=True)) == {
        "hot_rank": 762_687 + 10_707 + 48_386 + 13_312,
        "hot_rank_daily": 530_763,
        "hot_spell": 5_325,
        "interaction": 178_049,
        "mention": 178_049,
        "mention_total": 8_554,
        "original": 178_049,
        "read": 178_025,
        "units": 1_707,
    }

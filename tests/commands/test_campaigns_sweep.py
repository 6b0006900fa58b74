"""``canyu campaigns sweep``: takes in what the lake has, once, and a missing lake is told with its mend."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

import canyu
from campaign_fixtures import SLUG
from canyu.events import Event, build_event_table
from canyu.kit.clock import get_now
from canyu.kit.jsonio import parse_json

ROOT = Path(__file__).resolve().parents[2]
# A live campaign that rewards and gives, of yesterday; "b" came through "a".
PLAN = """
import sys
from datetime import timedelta
from canyu.commands.serve import configure
configure(sys.argv[1], "127.0.0.1")
from canyu.commands.alerts import prepare_database
prepare_database()
from canyu.kit.clock import get_now
from canyu.ops.campaigns import actions
from canyu.ops.campaigns.charity.actions import save_pledge
from canyu.ops.campaigns.referral.rules import RewardRule
from canyu.ops.people.models import Person
from campaign_fixtures import draft, join
from charity_fixtures import pledge_draft
mei, lin = Person.objects.create(username="mei"), Person.objects.create(username="lin")
then, end = get_now() - timedelta(days=1), get_now() + timedelta(days=9)
campaign = actions.create_campaign(mei, draft(starts_at=then, ends_at=end), then)
actions.save_referral(mei, campaign.pk, RewardRule((500,), pending_days=0), "", then)
save_pledge(mei, campaign.pk, pledge_draft(starts_at=then, ends_at=end), then)
actions.send_to_review(mei, campaign.pk, then)
actions.release(lin, campaign.pk, then)
join("b", join("a", at=then).member.code, at=then)
"""


def run(*words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CANYU_", "DJANGO_"))}
    place = os.pathsep.join([str(ROOT / "tests"), *sys.path])
    environment = {**kept, "CANYU_LANG": "en", "PYTHONPATH": place}
    return subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True)


def sell(lake: canyu.Lake, kind: str, name: str, **more: object) -> None:
    at = get_now() - timedelta(hours=1)
    fields = {"actor": "b", "object": "brand/t7", "value": 10_000, "currency": "CNY", **more}
    lake.append(build_event_table([Event(name, kind, at, at, "shop", **fields)]))  # type: ignore[arg-type]


def test_a_sweep_takes_in_orders_and_refunds_once(tmp_path: Path) -> None:
    path = tmp_path / "shop.lake"
    lake = canyu.open(path, create=True)
    sell(lake, "order", "o1", campaign=SLUG)
    planned = run("-c", PLAN, str(path))
    assert planned.returncode == 0, planned.stderr
    sweep = ("-m", "canyu", "campaigns", "sweep", "--lake", str(path))

    first = run(*sweep, "--json")
    assert first.returncode == 0, first.stderr
    told = parse_json(first.stdout)
    assert told.pop("events") > 0
    assert told == {"orders": 1, "refunds": 0, "refused": 0, "paid": 1, "gifts": 1, "gifts_taken_back": 0}

    sell(lake, "refund", "r1", parent="o1")
    second = run(*sweep)
    assert second.stdout.startswith("0 orders, 1 refunds (0 refused); 0 rewards paid; 0 gifts counted, 1 taken back;")
    third = parse_json(run(*sweep, "--json").stdout)
    assert {name: third[name] for name in ("orders", "refunds", "gifts", "gifts_taken_back")} == dict.fromkeys(
        ("orders", "refunds", "gifts", "gifts_taken_back"), 0
    )


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_lake_that_is_not_there_is_told_and_not_made(tmp_path: Path, form: tuple[str, ...]) -> None:
    done = run("-m", "canyu", "campaigns", "sweep", "--lake", str(tmp_path / "none"), *form)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "none").exists()

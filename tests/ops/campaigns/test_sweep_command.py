"""``canyu campaigns sweep``: takes in what the lake has, once, and a missing lake is told with its mend."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import canyu
from campaign_fixtures import NOW, draft, join
from canyu.cli import canyu as canyu_command
from canyu.kit.errors import NotFound
from canyu.kit.jsonio import parse_json
from canyu.ops.campaigns import actions
from canyu.ops.campaigns.charity.actions import save_pledge
from canyu.ops.campaigns.referral.rules import RewardRule
from canyu.ops.people.models import Person
from charity_fixtures import make_order, make_refund, pledge_draft, tell

LONG = timedelta(days=366 * 100)  # the command looks at the real clock


def sweep(path: Path, *words: str) -> Result:
    return CliRunner().invoke(canyu_command, ["campaigns", "sweep", "--lake", str(path), *words])


def test_a_sweep_takes_in_orders_and_refunds_once(
    staff: tuple[Person, Person], use_lake: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "shop.lake"
    lake = canyu.open(path, create=True)
    use_lake(path)
    campaign = actions.create_campaign(staff[0], draft(ends_at=NOW + LONG), NOW)
    actions.save_referral(staff[0], campaign.pk, RewardRule((500,), pending_days=0), "", NOW)
    save_pledge(staff[0], campaign.pk, pledge_draft(), NOW)
    actions.send_to_review(staff[0], campaign.pk, NOW)
    actions.release(staff[1], campaign.pk, NOW)
    join("buyer-o1", join("a").member.code)
    tell(lake, make_order("o1", NOW))

    told = parse_json(sweep(path, "--json").stdout)
    assert told.pop("events") > 0
    assert (told.pop("orders"), told.pop("refunds"), told.pop("refused")) == (1, 0, 0)
    assert (told.pop("gifts"), told.pop("gifts_taken_back"), set(told)) == (1, 0, {"paid"})

    tell(lake, make_refund("r1", "o1"))
    second = sweep(path).stdout
    assert second.startswith("0 orders, 1 refunds (0 refused);")
    assert "0 gifts counted, 1 taken back;" in second
    third = parse_json(sweep(path, "--json").stdout)
    assert [third[name] for name in ("orders", "refunds", "paid", "gifts", "gifts_taken_back")] == [0] * 5


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_lake_that_is_not_there_is_told_and_not_made(
    db: None, use_lake: Callable[[Path], None], tmp_path: Path, form: tuple[str, ...]
) -> None:
    use_lake(tmp_path / "none")
    done = sweep(tmp_path / "none", *form)
    assert isinstance(done.exception, NotFound)
    assert not (tmp_path / "none").exists()

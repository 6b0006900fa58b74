"""A lake of its own for each test of corrections, an analyst, and lessons that a retraining learns from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import translation

from brand_lake import SCRIPT, fill_brand_lake, get_hostile_id
from canyu.ops.labels.models import Correction
from canyu.ops.lakes import get_lake
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
THINGS = ["车机", "涨价", "掉漆", "异响", "闪退", "发热", "排队", "缺货", "减配", "断触", "漏光", "推送"]
LOOKS = ["配色", "外观", "内饰", "尾灯", "轮毂", "车漆", "座椅", "灯光", "造型", "轿跑"]
BLAME = [(f"这{thing}真是遥遥领先啊", "negative") for thing in THINGS]
LESSONS = [*BLAME, *((f"新{look}飒爆了", "positive") for look in LOOKS)]
POST = get_hostile_id(SCRIPT)


@pytest.fixture
def lake(tmp_path: Path, use_lake: Callable[[Path], None]) -> Iterator[Path]:
    path = tmp_path / "brand.lake"
    fill_brand_lake(path)
    use_lake(path)
    with translation.override("en"):
        yield path


@pytest.fixture
def analyst(accounts: Callable[..., Person]) -> Person:
    return accounts(Role.SOCIAL_ANALYST, name="an")


def teach(viewer: Person, lessons: list[tuple[str, str]]) -> None:
    """Keep corrections of posts that the lake holds, with texts of our own."""
    ids = get_lake().engine.run(get_lake().scan("events").order_by("id").select("id"))["id"].to_pylist()
    Correction.objects.bulk_create(
        Correction(event_id=name, text=text, given="neutral", label=label, who=viewer.username, made_at=NOW)
        for name, (text, label) in zip(ids, lessons, strict=False)
    )

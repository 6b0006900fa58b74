"""Forgetting a customer of WeChat with the lake, and what is kept of messages as they came, and how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

import canyu
from canyu.events import Event, build_event_table
from canyu.ops.care.models import Case, CaseMessage, CaseRecord
from canyu.ops.fans.holdings import HOLDINGS, Whose
from canyu.ops.forgetting import forget_erased
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.wechat.inbox.actions import CallBook, drop_old
from canyu.ops.wechat.models import Conversation, Outgoing, Push, PushState, RememberedCall
from canyu.ops.wechat.working.actions import work
from wechat_fixtures import NOW, hear, keep, make_account, send, stand_at, write_text
from wechat_vendor import Vendor

pytestmark = pytest.mark.django_db
SAID = "我要投诉，我叫王小明，电池坏了"


@pytest.fixture
def lake(tmp_path: Path, use_lake: Callable[[Path], None]) -> canyu.Lake:
    use_lake(tmp_path / "my.lake")
    made = canyu.open(tmp_path / "my.lake", create=True)
    made.append(build_event_table([Event("p", "post", NOW, NOW, "t", text="真快")]))
    return made


def dump_database() -> str:
    """Return all that the room, its cases and the outbox keep, as text."""
    rows = []
    for model in (Conversation, Outgoing, Push, Case, CaseMessage, CaseRecord, WaitingEvent):
        rows += [str(row) for row in model._default_manager.values()]
    return "\n".join(rows)


def test_an_erased_customer_is_nowhere_any_more_and_may_come_again(lake: canyu.Lake, vendor: Vendor) -> None:
    account = make_account(is_answering=True)
    hear(account, write_text(SAID, user="wang", msg_id="1"))
    hear(account, write_text("另一位的问题", user="li"))
    send()
    keep(account, write_text("还有一句王小明的话", user="wang", msg_id="2"))  # not worked on yet
    person = Conversation.objects.get(user="wang").person
    assert "王小明" in dump_database()
    lake.erase(person)
    forgotten = forget_erased()
    assert (forgotten.wechat, forgotten.cases > 0) == (3, True)  # a conversation and two pushes
    left = dump_database()
    assert [word for word in ("王小明", "wang", person) if word in left] == []
    assert "另一位的问题" in left
    assert forget_erased().wechat == 0
    assert work(stand_at(NOW)) == 0
    keep(account, write_text(SAID, user="wang", msg_id="1"))  # the vendor sends it once more
    assert (work(stand_at(NOW)), "王小明" in dump_database()) == (0, False)
    hear(account, write_text("我是新来的", user="wang", msg_id="3"))
    assert Conversation.objects.get(user="wang").person != person
    assert Case.objects.count() == 3


def test_a_copy_for_the_customer_has_what_they_wrote(lake: canyu.Lake, vendor: Vendor) -> None:
    account = make_account(is_answering=True)
    hear(account, write_text(SAID, user="wang"))
    hear(account, write_text("别人", user="li"))
    whose = Whose("f", 0, (), (Conversation.objects.get(user="wang").person,))
    parts = {each.name: list(each.rows(whose)) for each in HOLDINGS if each.name.startswith("wechat")}
    assert {name: len(rows) for name, rows in parts.items()} == {
        "wechat": 1,
        "wechat_messages": 1,
        "wechat_pushes": 1,
    }
    assert SAID in str(parts["wechat_pushes"])
    assert "别人" not in str(parts)


def test_messages_as_they_came_are_dropped_and_what_waits_is_not() -> None:
    account = make_account()
    hear(account, write_text(user="old"))
    keep(account, write_text(user="waits"))
    hear(account, write_text(user="new", at=NOW + timedelta(days=20)), NOW + timedelta(days=20))
    CallBook().remember("s", b"d" * 32, NOW)
    Push.objects.filter(user="waits").update(state=PushState.WAITING)
    assert drop_old(NOW + timedelta(days=31)) == 1
    assert set(Push.objects.values_list("user", flat=True)) == {"waits", "new"}
    assert RememberedCall.objects.count() == 0
    assert Case.objects.count() >= 2

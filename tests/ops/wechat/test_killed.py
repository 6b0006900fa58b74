"""Workers killed with -9 at any moment, and several at once: no message lost, none answered or sent twice."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connections

from canyu.kit.clock import get_now
from canyu.ops.care.models import Case, CaseMessage
from canyu.ops.wechat.accounts.actions import SharedRate, SharedTokens, make_api, open_client
from canyu.ops.wechat.inbox.actions import CallBook
from canyu.ops.wechat.models import Conversation, Outgoing, Push, PushState
from canyu.ops.wechat.sending.actions import send_due
from canyu.ops.wechat.working.actions import work
from racing import run_together
from wechat_fixtures import keep, make_account, write_text
from wechat_vendor import Vendor

pytestmark = pytest.mark.django_db(transaction=True)
USERS, KILLS = 24, 4


def work_until_done() -> None:
    while Push.objects.exclude(state=PushState.DONE).exists() or Outgoing.objects.filter(state="waiting").exists():
        work(get_now)
        send_due(get_now)
        time.sleep(0.01)


def work_until_killed(after_s: float) -> None:
    """Work in a process of its own, and kill it."""
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            work_until_done()
        finally:
            os._exit(1)  # whatever happens, this is no second run of the tests
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_killed_between_store_and_work_nothing_is_lost_and_nothing_is_doubled(vendor: Vendor) -> None:
    account, now, chance = make_account(is_answering=True), get_now(), random.Random(5)
    for number in range(USERS):
        keep(account, write_text(f"第{number}个问题", user=f"u{number}", at=now), now)
    for _ in range(KILLS):
        before = Push.objects.filter(state=PushState.DONE).count()
        work_until_killed(chance.uniform(0.1, 0.6))
        assert Push.objects.filter(state=PushState.DONE).count() >= before
    work_until_done()
    assert set(Push.objects.values_list("state", flat=True)) == {PushState.DONE}
    assert Case.objects.count() == Conversation.objects.count() == USERS
    said = Counter(CaseMessage.objects.values_list("case", "is_customer", "audience"))
    assert len(said) == 3 * USERS  # of each: the customer's words, the note for the agent, the words of the hand-over
    assert set(said.values()) == {1}
    arrived = Counter(each["touser"] for each in vendor.sent)
    assert set(arrived.values()) == {1}
    send_due(lambda: get_now() + timedelta(minutes=6))
    states = Counter(Outgoing.objects.values_list("state", flat=True))
    assert set(states) <= {"sent", "unclear"}  # unclear: told to the agent, and never sent again by itself
    assert states["unclear"] <= KILLS
    assert states["sent"] + states["unclear"] == USERS
    assert states["sent"] <= len(arrived) <= USERS


def test_two_workers_at_once_do_what_one_does(vendor: Vendor) -> None:
    account, now = make_account(is_answering=True), get_now()
    for number in range(6):
        keep(account, write_text(f"第{number}条", user="same", at=now), now)
    works = [lambda: (work(get_now), send_due(get_now))] * 4
    assert run_together(*works) == []
    work_until_done()
    assert (Case.objects.count(), CaseMessage.objects.filter(is_customer=True).count()) == (1, 6)
    assert len(vendor.sent) == 1


def test_the_same_push_from_three_processes_is_kept_once_and_a_foreign_body_is_refused() -> None:
    account, now, xml = make_account(), get_now(), write_text(msg_id="7")
    assert run_together(*[lambda: keep(account, xml, now)] * 3) == []
    assert Push.objects.count() == 1
    book, answers = CallBook(), []
    digests = [b"a" * 32, b"b" * 32, b"a" * 32]
    run_together(*[lambda digest=each: answers.append((digest, book.remember("s", digest, now))) for each in digests])
    first = {digest for digest, is_known in answers if is_known}
    assert len(first) == 1
    assert len([each for each in answers if each[1]]) == (2 if first == {b"a" * 32} else 1)


def test_of_many_senders_one_fetches_the_token_and_all_keep_to_the_rate(vendor: Vendor) -> None:
    account = make_account()
    got: list[str] = []

    def fetch() -> None:
        with open_client(account) as client:
            got.append(make_api(account, client).tokens.get())

    assert run_together(*[fetch] * 5) == []
    assert (set(got), vendor.token_calls) == ({"access-token-1"}, [False])
    kept = SharedTokens(account.pk, account.name).load()
    assert kept is not None
    assert "access-token" not in repr(kept)
    waits: list[float] = []
    assert run_together(*[lambda: waits.append(SharedRate(account.pk, (3, 60.0)).take())] * 5) == []
    assert sorted(each > 0 for each in waits) == [False, False, False, True, True]

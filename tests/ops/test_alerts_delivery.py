"""Messages go out over real HTTP: taken, refused, tried again, given up; no address is ever written down."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

import apprise
import pytest

from alert_fixtures import NOW, add_route
from canyu.ops.alerts import actions, delivery
from canyu.ops.alerts.models import Message, Sending
from canyu.ops.people.models import Person
from message_receiver import SECRET, Receiver

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # a library of apprise


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    found = Receiver()
    monkeypatch.setenv("CANYU_ALERT_PR", found.address)
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def message(db: None) -> Message:
    add_route()
    row = Message(
        team="PR", address="PR", alert_ids=["a"], product="xiaomi/su7", text="小米 SU7：30 条", made_at=NOW, due_at=NOW
    )
    row.save()
    return row


def test_a_message_arrives_once(message: Message, receiver: Receiver) -> None:
    assert actions.deliver_messages(NOW) == actions.Delivered(1, 0, 0)
    assert actions.deliver_messages(NOW + timedelta(hours=1)) == actions.Delivered(0, 0, 0)
    assert [(body["title"], body["message"]) for body in receiver.bodies] == [("Canyu · PR", "小米 SU7：30 条")]
    message.refresh_from_db()
    assert (message.sending, message.sent_at, message.attempts) == (Sending.SENT, NOW, 1)


def test_a_refused_message_is_kept_and_tried_again_later(message: Message, receiver: Receiver) -> None:
    receiver.status = 500
    assert actions.deliver_messages(NOW) == actions.Delivered(0, 1, 0)
    message.refresh_from_db()
    assert (message.sending, message.fault, message.due_at) == (
        Sending.WAITING, delivery.REFUSED, NOW + timedelta(minutes=5)
    )  # fmt: skip
    assert actions.deliver_messages(NOW + timedelta(minutes=4)) == actions.Delivered(0, 0, 0)
    receiver.status = 200
    assert actions.deliver_messages(NOW + timedelta(minutes=5)) == actions.Delivered(1, 0, 0)
    assert len(receiver.bodies) == 2


def test_an_address_that_is_missing_or_unreadable_is_told(message: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CANYU_ALERT_PR", raising=False)
    assert actions.deliver_messages(NOW).failed == 1
    message.refresh_from_db()
    assert message.fault == delivery.NO_ADDRESS
    monkeypatch.setenv("CANYU_ALERT_PR", "what is this")
    assert actions.deliver_messages(message.due_at).failed == 1
    message.refresh_from_db()
    assert message.fault == delivery.UNUSABLE


def test_a_message_is_given_up_at_last_and_can_be_asked_for_again(message: Message, receiver: Receiver) -> None:
    receiver.status = 404
    Message.objects.update(attempts=actions.MOST_ATTEMPTS - 1)
    assert actions.deliver_messages(NOW).given_up == 1
    assert actions.deliver_messages(NOW + timedelta(days=9)) == actions.Delivered(0, 0, 0)
    receiver.status = 200
    assert actions.retry_messages(Person(username="lin"), NOW) == 1
    assert actions.deliver_messages(NOW).sent == 1


def test_a_sender_that_died_is_taken_over_after_its_lease(message: Message, receiver: Receiver) -> None:
    Message.objects.update(sending=Sending.SENDING, attempts=1, due_at=NOW + actions.LEASE)
    assert actions.deliver_messages(NOW).sent == 0
    assert actions.deliver_messages(NOW + actions.LEASE).sent == 1


def test_two_senders_never_take_the_same_message(
    message: Message, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = delivery.send_text
    others: list[actions.Delivered] = []

    def send_slowly(*given: str) -> str:
        others.append(actions.deliver_messages(NOW))
        return send(*given)

    monkeypatch.setattr(delivery, "send_text", send_slowly)
    assert actions.deliver_messages(NOW).sent == 1
    assert (others, len(receiver.bodies)) == ([actions.Delivered(0, 0, 0)], 1)


def test_the_address_stands_in_no_log_and_no_row(
    message: Message, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.status = 500
    with caplog.at_level(logging.DEBUG):
        actions.deliver_messages(NOW)
        receiver.server.shutdown()
        receiver.server.server_close()
        actions.deliver_messages(NOW + timedelta(minutes=5))
    assert SECRET not in caplog.text
    assert "was not taken: refused" in caplog.text
    assert SECRET not in str(list(Message.objects.values()))


@pytest.mark.parametrize(
    ("address", "service"),
    [
        ("wecombot://0a1b2c3d-aaaa-bbbb-cccc-1234567890ab", "WeCom Bot"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0a1b2c3d-aaaa-bbbb-cccc-1234567890ab", "WeCom Bot"),
        ("dingtalk://SECRETabc@abcdefgh12345678", "DingTalk"),
        ("feishu://0a1b2c3d-aaaa-bbbb-cccc-1234567890ab", "Feishu"),
        ("mailtos://user:password@smtp.example.com/?from=canyu@example.com&to=pr@example.com", "E-Mail"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#pr", "Slack"),
        ("https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "Slack"),
    ],
)
def test_the_teams_usual_services_are_understood(address: str, service: str) -> None:
    with delivery.write_no_log():
        found = apprise.Apprise.instantiate(address)
    assert found is not None
    assert str(found.service_name) == service

"""News for open pages: told once to each, resumed where a page lost them, kept from who may not read, ended at last."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from canyu.kit.clock import get_now
from canyu.ops.care import actions
from canyu.ops.care.actions import Message
from canyu.ops.people.models import Person
from canyu.ops.people.rules import VIEW_CASES, Role
from canyu.ops.stream import door
from canyu.ops.stream.door import StreamDoor
from canyu.ops.stream.queries import MOST_THINGS, News, Topic, may_listen, read_case_news
from case_fixtures import complain


class Book:
    """Records of things, as a topic reads them."""

    def __init__(self, *things: int) -> None:
        self.things = list(things)
        self.looks = 0

    def read(self, after: int) -> News:
        self.looks += after < 0
        return News(len(self.things), tuple(self.things[after:]) if after >= 0 else ())


class Page:
    """One open request of a page: what was sent to it so far."""

    def __init__(self, app: StreamDoor, path: str = "/stream/book/", last: str = "", method: str = "GET") -> None:
        self.sent: list[dict[str, Any]] = []
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        headers = [(b"last-event-id", last.encode())] if last else []
        path, _, query = path.partition("?")
        scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": headers}
        self.task = asyncio.create_task(app(scope, self.inbox.get, self._send))

    async def _send(self, message: Any) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def news(self) -> list[tuple[int, str]]:
        text = b"".join(message.get("body", b"") for message in self.sent).decode()
        return [(int(name), data) for name, data in re.findall(r"id: (\d+)\nevent: news\ndata: (.*)\n\n", text)]

    async def wait_for_news(self, count: int) -> None:
        async with asyncio.timeout(30):
            while len(self.news) < count:
                await asyncio.sleep(0.01)


def open_door(book: Book, found: bool | None = True) -> StreamDoor:
    return StreamDoor({"book": Topic("x", book.read)}, lambda _cookies, _permission: found)


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "LOOK_S", 0.02)


def test_each_page_is_told_once_and_one_look_serves_all() -> None:
    async def run() -> None:
        book = Book(7)
        app = open_door(book)
        pages = [Page(app) for _ in range(30)]
        await asyncio.sleep(0.3)
        assert [page.news for page in pages] == [[]] * 30
        looks = book.looks
        book.things += [8, 9]
        for page in pages:
            await page.wait_for_news(1)
        await asyncio.sleep(0.2)
        assert {tuple(page.news) for page in pages} == {((3, '{"things":[8,9]}'),)}
        assert book.looks - looks < 60  # not thirty a beat
        await app.close()
        await asyncio.wait_for(asyncio.gather(*(page.task for page in pages)), 30)
        assert all(page.sent[-1] == {"type": "http.response.body", "body": b""} for page in pages)

    asyncio.run(run())


def test_a_page_that_lost_its_stream_is_told_what_it_missed() -> None:
    async def run() -> None:
        book = Book(1, 2, 3)
        app = open_door(book)
        by_header, by_address = Page(app, last="1"), Page(app, "/stream/book/?after=2")
        both = Page(app, "/stream/book/?after=1", last="3")  # the browser's own word counts: the address is the older
        odd = Page(app, "/stream/book/?after=-4", last="x" * 50)
        await by_header.wait_for_news(1)
        await by_address.wait_for_news(1)
        await asyncio.sleep(0.2)
        assert by_header.news == [(3, '{"things":[2,3]}')]
        assert by_address.news == [(3, '{"things":[3]}')]
        assert (both.news, odd.news) == ([], [])
        await app.close()

    asyncio.run(run())


def test_who_leaves_is_forgotten_and_the_look_ends_with_the_last() -> None:
    async def run() -> None:
        book = Book()
        app = open_door(book)
        page = Page(app)
        await asyncio.sleep(0.2)
        page.inbox.put_nowait({"type": "http.request"})
        page.inbox.put_nowait({"type": "http.disconnect"})
        await asyncio.wait_for(page.task, 30)
        await asyncio.sleep(0.1)
        looks = book.looks
        await asyncio.sleep(0.2)
        assert book.looks == looks
        again = Page(app, last="0")
        book.things.append(5)
        await again.wait_for_news(1)
        await app.close()

    asyncio.run(run())


def test_a_silent_stream_shows_signs_of_life_and_ends_with_the_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "BEAT_S", 0.05)
    monkeypatch.setattr(door, "CHECK_S", 0.2)

    async def run() -> None:
        answers = [True, True, False]
        app = StreamDoor({"book": Topic("x", Book().read)}, lambda *_: answers.pop(0))
        page = Page(app)
        await asyncio.wait_for(page.task, 30)
        assert answers == []
        assert sum(b"still here" in message.get("body", b"") for message in page.sent) >= 4

    asyncio.run(run())


def test_streams_end_by_themselves_once_the_server_was_told_to_end() -> None:
    async def run() -> None:
        ending: list[bool] = []
        app = StreamDoor({"book": Topic("x", Book().read)}, lambda *_: True, lambda: bool(ending))
        pages = [Page(app) for _ in range(3)]
        await asyncio.sleep(0.2)
        assert not any(page.task.done() for page in pages)
        ending.append(True)
        await asyncio.wait_for(asyncio.gather(*(page.task for page in pages)), 30)
        late = Page(app)
        await late.task
        assert late.status == 503

    asyncio.run(run())


@pytest.mark.parametrize(
    ("found", "path", "method", "status"),
    [
        (None, "/stream/book/", "GET", 401),
        (False, "/stream/book/", "GET", 403),
        (True, "/stream/other/", "GET", 404),
        (True, "/stream/book/", "POST", 405),
    ],
)
def test_others_are_refused(found: bool | None, path: str, method: str, status: int) -> None:
    async def run() -> None:
        page = Page(open_door(Book(), found), path, method=method)
        await page.task
        assert page.status == status

    asyncio.run(run())


def test_a_crowd_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MOST_STREAMS", 1)

    async def run() -> None:
        app = open_door(Book())
        first = Page(app)
        await asyncio.sleep(0.2)
        second = Page(app)
        await second.task
        assert (first.status, second.status) == (200, 503)
        await app.close()

    asyncio.run(run())


@pytest.mark.django_db
def test_only_who_may_read_cases_listens(sign_in: Callable[..., Client]) -> None:
    def ask(client: Client) -> bool | None:
        kept = client.cookies.get(settings.SESSION_COOKIE_NAME)
        return may_listen(f"a=1; {settings.SESSION_COOKIE_NAME}={kept.value}" if kept else "a=1", VIEW_CASES)

    agent = sign_in(Role.CARE_AGENT)
    assert ask(agent) is True
    assert ask(sign_in(Role.CAMPAIGN_MANAGER)) is False
    assert ask(Client()) is None
    assert may_listen("\x00=;;==" * 9_000, VIEW_CASES) is None
    agent.logout()
    assert may_listen(f"{settings.SESSION_COOKIE_NAME}=gone", VIEW_CASES) is None


@pytest.mark.django_db
@pytest.mark.usefixtures("brand_lake")
def test_the_news_are_the_cases_with_newer_records(accounts: Callable[..., Person]) -> None:
    one, two = complain(get_now(), text="一"), complain(get_now(), text="二")
    at = read_case_news(-1)
    assert at.things == ()
    assert set(read_case_news(0).things) == {one.pk, two.pk}
    actions.say(one.pk, Message(accounts(Role.CARE_AGENT).username, "您好"), get_now())
    later = read_case_news(at.last)
    assert (later.things, later.last > at.last) == ((one.pk,), True)
    assert read_case_news(later.last) == News(later.last)
    assert len(read_case_news(0).things) <= MOST_THINGS

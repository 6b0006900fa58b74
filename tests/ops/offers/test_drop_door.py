"""The claim door over HTTP with two processes: a crowd with repeats, bad requests, and kill -9 at random instants."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from canyu.kit.jsonio import dump_json, dump_json_bytes, parse_json
from canyu.ops.webhook.rules import sign
from drop_crowd import Crowd, Door, list_posts, send_crowd

pytestmark = pytest.mark.faults
TESTS = Path(__file__).parents[2]
PREPARE = """
import sys
from datetime import timedelta
from canyu.commands.alerts import prepare_database
import django; django.setup()
prepare_database()
from canyu.kit.clock import get_now
from drop_fixtures import release_drop
release_drop("gold", int(sys.argv[1]), opens_at=get_now() - timedelta(hours=1))
"""
RECOUNT = """
import django; django.setup()
from canyu.kit.jsonio import dump_json
from canyu.ledger import LedgerReader, prove
from canyu.ops.offers.drops.models import Claim, Drop
from canyu.ops.offers.drops.queries import count_stand
from canyu.ops.outbox.models import WaitingEvent
from django.db import connection
drop = Drop.objects.get(); stand = count_stand(drop); connection.ensure_connection()
rows = list(Claim.objects.filter(state="held").order_by("serial").values_list("serial", "person"))
print(dump_json({"rows": rows, "is_conserved": stand.is_conserved, "held": stand.held, "free": stand.free,
    "events": WaitingEvent.objects.count(), "is_sound": prove(LedgerReader(connection.connection)).is_sound}))
"""


SIGN = """
import sys
import django; django.setup()
from canyu.kit.clock import get_now
from canyu.kit.jsonio import dump_json, dump_json_bytes, parse_json
from canyu.ops.offers.drops.passes import Pass, make_pass
code, persons = parse_json(sys.stdin.read())
print(dump_json({person: make_pass(code, Pass(person, "c0ffee", "en"), get_now()) for person in persons}))
"""
SECRET = "s" * 32
NO_HEADERS: dict[str, str] = {}


def find_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Site:
    """The door in two processes, over a state folder of its own."""

    def __init__(self, folder: Path, units: int) -> None:
        self.port = find_port()
        self.environment = {
            **os.environ,
            "CANYU_LAKE": str(folder / "none.lake"),
            "CANYU_STATE_FOLDER": str(folder),
            "CANYU_HOOK_SECRETS": f"shop={SECRET}",
            "DJANGO_SETTINGS_MODULE": "canyu.ops.settings",
            "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path]),
        }
        self.run(PREPARE, str(units))
        self.process = self.start()

    def run(self, code: str, *words: str, given: str = "") -> str:
        command = [sys.executable, "-c", code, *words]
        done = subprocess.run(command, env=self.environment, input=given, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def open_door(self, persons: Iterable[str], code: str = "gold") -> Door:
        """Return the door for a crowd, with the passes that the page would give them."""
        passes = parse_json(self.run(SIGN, given=dump_json([code, sorted({*persons})])))
        return Door(self.port, f"/drop/{code}/claim", passes)

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "granian", "drop_site:application", "--interface", "asgi", "--no-ws"]
        command += ["--host", "127.0.0.1", "--port", str(self.port), "--workers", "2", "--log-level", "error"]
        process = subprocess.Popen(command, env=self.environment, start_new_session=True)
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5).close()
                return process
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the door did not open")

    def kill(self) -> None:
        """End every process of it as a power cut would."""
        os.killpg(self.process.pid, 9)
        self.process.wait(timeout=60)

    def ask(
        self, body: bytes, path: str = "/drop/gold/claim", method: str = "POST", headers: dict[str, str] = NO_HEADERS
    ) -> tuple[int, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path, 60)
    yield site
    site.kill()


@pytest.fixture(scope="module")
def quiet_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One door for all tests that change nothing, or next to nothing."""
    site = Site(tmp_path_factory.mktemp("door"), 60)
    yield site
    site.kill()


def check_end(site: Site, told: dict[str, set[tuple[str, int | None]]], people: int) -> None:
    """Every unit has one holder, everybody was told one thing, and what was told is what is kept."""
    found = parse_json(site.run(RECOUNT))
    assert [serial for serial, _person in found["rows"]] == list(range(1, 61))
    assert len({person for _serial, person in found["rows"]}) == 60
    assert (found["is_conserved"], found["held"], found["free"], found["is_sound"]) == (True, 60, 0, True)
    assert found["events"] == 60
    assert len(told) == people
    assert {person: {("held", serial)} for serial, person in found["rows"]} == {
        person: answers for person, answers in told.items() if answers != {("sold_out", None)}
    }


def send_from_two(site: Site, posts: list[str]) -> Crowd:
    """Send from two clients of their own; return what both were told together."""
    halves, door = [posts[::2], posts[1::2]], site.open_door(posts)
    crowds: list[Crowd] = []
    threads = [threading.Thread(target=lambda half=half: crowds.append(send_crowd(door, half, 16))) for half in halves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    both = Crowd()
    for crowd in crowds:
        both.errors += crowd.errors
        both.unanswered += crowd.unanswered
        for person, answers in crowd.told.items():
            both.told.setdefault(person, set()).update(answers)
    return both


def test_row_d1_a_crowd_with_repeats_gets_every_unit_once(site: Site) -> None:
    posts = list_posts([f"p{at}" for at in range(600)], seed=1)
    crowd = send_from_two(site, posts)
    assert (crowd.errors, crowd.unanswered) == (0, [])
    check_end(site, crowd.told, 600)


def test_row_d2_ten_kills_at_random_instants_end_in_the_same_state(site: Site) -> None:
    chance = random.Random(7)
    posts = list_posts([f"p{at}" for at in range(600)], seed=2)
    told: dict[str, set[tuple[str, int | None]]] = {}
    parts, passes = [posts[at::11] for at in range(11)], site.open_door(posts).passes
    for part in parts[:10]:
        killer = threading.Timer(chance.uniform(0.0, 0.15), site.kill)
        killer.start()
        crowd = send_until_dead(site, part, passes)
        killer.join()
        for person, answers in crowd.told.items():
            told.setdefault(person, set()).update(answers)
        site.process = site.start()
    crowd = send_from_two(site, posts)  # everybody asks again, also those who were never answered
    for person, answers in crowd.told.items():
        told.setdefault(person, set()).update(answers)
    assert crowd.errors == 0
    check_end(site, told, 600)


def send_until_dead(site: Site, posts: list[str], passes: dict[str, str]) -> Crowd:
    """Send with nobody waiting for the server to come back: what is not answered is asked again later."""
    return send_crowd(Door(site.port, "/drop/gold/claim", passes), posts, 8, tries=1)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_input"),
        (b"[]", 400, "bad_input"),
        (b'{"person": "p1", "consent": true}', 401, "no_pass"),
        (b'{"pass": "gold~1~en~t~p1:forged", "consent": true}', 401, "no_pass"),
        (b'{"person": "p1"}', 400, "no_consent"),
        (b'{"person": "p1", "consent": true, "market": "<b>"}', 400, "bad_input"),
        (b'{"person": "' + b"p" * 5000 + b'", "consent": true}', 413, "too_large"),
    ],
)
def test_what_is_no_claim_is_refused_with_a_code(quiet_site: Site, body: bytes, status: int, code: str) -> None:
    found, told = quiet_site.ask(body)
    assert (found, parse_json(told)["code"]) == (status, code)


def test_an_unknown_drop_and_another_method_are_told_apart(quiet_site: Site) -> None:
    good = dump_json_bytes({"pass": quiet_site.open_door(["p1"]).passes["p1"], "consent": True})
    other = dump_json_bytes({"pass": quiet_site.open_door(["p1"], "none").passes["p1"], "consent": True})
    assert quiet_site.ask(other, "/drop/none/claim")[0] == 404
    assert quiet_site.ask(other)[0] == 401
    assert quiet_site.ask(good, method="PUT")[0] == 405
    assert parse_json(quiet_site.ask(good)[1])["state"] == "held"


def test_a_shop_that_signs_names_the_person_and_nobody_else_does(quiet_site: Site) -> None:
    body, stamp = dump_json_bytes({"person": "shop-7", "consent": True}), str(int(time.time()))
    headers = {"X-Canyu-Source": "shop", "X-Canyu-Time": stamp, "X-Canyu-Signature": sign(SECRET, stamp, body)}
    assert quiet_site.ask(body, headers={**headers, "X-Canyu-Signature": sign("x" * 32, stamp, body)})[0] == 401
    assert quiet_site.ask(body.replace(b"7", b"8"), headers=headers)[0] == 401
    assert parse_json(quiet_site.ask(body, headers=headers)[1])["state"] == "held"

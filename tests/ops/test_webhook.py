"""Signed deliveries: nobody without a secret, nothing twice, every row answered for, kept before it is acknowledged."""

from __future__ import annotations

import logging
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

import canyu
from canyu.events import make_event_id
from canyu.events.importers import get_salt, hash_actor
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json_bytes
from canyu.ops.config import Config, load_config
from canyu.ops.labels.models import Correction
from canyu.ops.webhook.rules import is_fresh, is_signed, parse_secrets, sign
from collecting_site import Reply, Site, site

__all__ = ["site"]
SECRET, NEXT = "shop-secret-" + "1" * 20, "shop-secret-" + "2" * 20
ROW = {"id": "1", "type": "post", "time": "2026-08-12T10:00:00+08:00", "text": "很稳", "actor": "u1"}


@pytest.fixture
def hooks(tmp_path: Path, use_lake: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch, db: None) -> Path:
    monkeypatch.setenv("CANYU_HOOK_SECRETS", f"shop={SECRET},shop={NEXT},crm={'c' * 24}")
    monkeypatch.setenv("CANYU_HOOK_BODY_MB", "1")
    use_lake(tmp_path / "hook.lake")
    return tmp_path / "hook.lake"


def deliver(body: bytes, *, source: str = "shop", secret: str = SECRET, age_s: int = 0, **changes: Any) -> Any:
    stamp = changes.get("stamp", str(int(get_now().timestamp()) - age_s))
    headers = {"X-Canyu-Time": stamp, "X-Canyu-Signature": changes.get("signature", sign(secret, stamp, body))}
    sent = changes.get("sent", body)
    client = Client(headers={"accept-language": "en", **headers}, enforce_csrf_checks=True)
    return client.post(f"/hooks/{source}/", sent, content_type="application/x-ndjson")


def count(path: Path) -> int:
    return int(canyu.open(path).scan().count().to_pyarrow().as_py()) if path.exists() else 0


def test_a_signed_delivery_is_kept_before_it_is_acknowledged(hooks: Path) -> None:
    response = deliver(dump_json_bytes([ROW, {**ROW, "id": "2"}]))
    event = canyu.open(hooks).scan().to_pyarrow().to_pylist()[0]
    assert response.status_code == 200
    assert response.json() == {
        "rows": 2,
        "kept": 2,
        "added": 2,
        "deletions": 0,
        "refused": 0,
        "version": canyu.open(hooks).version(),
        "refusals": [],
    }
    assert event["source"] == "shop"
    assert event["actor"] == hash_actor(get_salt(str(hooks)), "shop", "u1")


def test_a_deletion_reaches_the_lake_and_the_console(hooks: Path) -> None:
    deliver(dump_json_bytes([ROW, {**ROW, "id": "2"}]))
    gone, stays = (make_event_id("shop", name) for name in (ROW["id"], "2"))
    for name in (gone, stays):
        Correction.objects.create(event_id=name, text="x", label="negative", who="an", made_at=get_now())
    answer = deliver(dump_json_bytes([{"id": ROW["id"], "type": "delete"}])).json()
    assert (answer["kept"], answer["deletions"], answer["version"]) == (1, 1, canyu.open(hooks).version())
    assert [event["id"] for event in canyu.open(hooks).scan().to_pyarrow().to_pylist()] == [stays]
    assert list(Correction.objects.values_list("event_id", flat=True)) == [stays]


def test_rows_are_refused_one_by_one_with_their_mend(hooks: Path) -> None:
    body = b"\n".join([dump_json_bytes(ROW), b"{broken", dump_json_bytes({**ROW, "id": "3", "type": "dance"})])
    answer = deliver(body).json()
    assert (answer["rows"], answer["kept"], answer["refused"]) == (3, 1, 2)
    assert answer["refusals"] == [
        {"row": 2, "field": "", "reason": "not_json", "mend": "Write one whole JSON object per line."},
        {"row": 3, "field": "type", "reason": "unknown_type", "mend": "Use an event type of the vocabulary."},
    ]


def test_a_replay_is_answered_and_adds_nothing(hooks: Path) -> None:
    body = dump_json_bytes(ROW)
    first, again = deliver(body).json(), deliver(body).json()
    assert (first["added"], again["added"], again["kept"], count(hooks)) == (1, 0, 1, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": "x" * 24},
        {"secret": "c" * 24},
        {"source": "stranger"},
        {"age_s": 301},
        {"age_s": -301},
        {"stamp": "now"},
        {"stamp": "-1"},
        {"stamp": ""},
        {"signature": ""},
        {"signature": "sha256=" + "0" * 64},
        {"signature": "\u00e9"},
        {"sent": dump_json_bytes({**ROW, "id": "other"})},
    ],
)
def test_without_a_right_signature_nothing_is_kept(hooks: Path, changes: dict[str, Any]) -> None:
    response = deliver(dump_json_bytes(ROW), **changes)
    assert (response.status_code, response.json()["code"]) == (401, "unsigned")
    assert not hooks.exists()


def test_without_settings_nobody_may_deliver(
    tmp_path: Path, use_lake: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    monkeypatch.delenv("CANYU_HOOK_SECRETS", raising=False)
    use_lake(tmp_path / "hook.lake")
    assert deliver(dump_json_bytes(ROW)).status_code == 401


def test_a_new_secret_is_valid_beside_the_old_one(hooks: Path) -> None:
    assert [deliver(dump_json_bytes(ROW), secret=secret).status_code for secret in (SECRET, NEXT)] == [200, 200]


def test_reading_and_large_bodies_are_refused(hooks: Path) -> None:
    large = deliver(b"[" + b" " * (1 << 20) + b"]")
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    assert Client().get("/hooks/shop/").status_code == 405
    assert not hooks.exists()


@pytest.mark.parametrize("body", [b"", b"   \n", b"[", b"[]", b"[1,2"])
def test_a_body_without_rows_is_told(hooks: Path, body: bytes) -> None:
    response = deliver(body)
    assert (response.status_code, response.json()["code"]) == (400, "bad_input")
    assert response.json()["mend"]


def test_a_source_with_its_own_mapping_cannot_speak_for_another(
    hooks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mappings = tmp_path / "mappings"
    mappings.mkdir()
    (mappings / "crm.yaml").write_text(
        "source: shop\nverb: complain\nkey: ticket\ntime: opened\ntext: words\nzone: Asia/Shanghai\n", "utf-8"
    )
    monkeypatch.setenv("CANYU_HOOK_MAPPINGS", str(mappings))
    load_config.cache_clear()
    row = {"ticket": 7, "opened": "2026-08-12 10:00", "words": "异响"}
    assert deliver(dump_json_bytes(row), source="crm", secret="c" * 24).json()["added"] == 1
    event = canyu.open(hooks).scan().to_pyarrow().to_pylist()[0]
    assert (event["source"], event["type"], event["text"]) == ("crm", "complain", "异响")


def test_no_secret_reaches_the_lake_the_answer_or_the_log(hooks: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answers = [deliver(dump_json_bytes(ROW)), deliver(b"{", signature="x"), deliver(dump_json_bytes({"id": 1}))]
    assert all(SECRET.encode() not in answer.content for answer in answers)
    assert SECRET not in caplog.text
    kept = [path for path in hooks.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert kept == []


def test_secrets_are_checked_before_the_server_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANYU_HOOK_SECRETS", "shop=short")
    with pytest.raises(BadInput, match="shop is too short") as refused:
        Config()
    assert "=short" not in str(refused.value)
    with pytest.raises(BadInput, match="no usable name"):
        parse_secrets("Shop Name=" + "x" * 30)


def test_a_time_is_fresh_for_five_minutes_either_way() -> None:
    now = get_now()
    assert [is_fresh(str(int(now.timestamp()) + shift), now) for shift in (-290, 0, 290, 310, -310)] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_many_senders_of_the_same_rows_add_them_once(hooks: Path) -> None:
    body = dump_json_bytes([{**ROW, "id": str(number)} for number in range(50)])
    answers: list[dict[str, Any]] = []
    threads = [threading.Thread(target=lambda: answers.append(deliver(body).json())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer["added"] for answer in answers) == [0, 0, 0, 0, 0, 50]
    assert count(hooks) == 50


def test_a_time_without_a_zone_is_refused_with_a_mend_for_senders(hooks: Path) -> None:
    answer = deliver(dump_json_bytes({**ROW, "time": "2026-08-12 10:00:00"})).json()
    assert [(each["field"], each["reason"]) for each in answer["refusals"]] == [("time", "no_zone")]
    assert answer["refusals"][0]["mend"].startswith("Write times with their zone")


def test_a_refusal_is_told_in_the_senders_language(hooks: Path) -> None:
    response = Client(headers={"accept-language": "zh-hans"}).post("/hooks/shop/", b"{}", content_type="text/plain")
    assert response.json()["message"] == "来源、时间或签名不对。"


def test_the_example_in_the_docs_signs_as_the_server_expects(site: Site) -> None:
    page = (Path(__file__).parents[2] / "docs" / "sources.md").read_text("utf-8")
    lines = page[page.index("    import hashlib") : page.index("\nFields:")].splitlines()
    code = textwrap.dedent("\n".join(lines)).replace("https://canyu.example", site.url)
    site.respond = lambda _: Reply(200, {})
    exec(code, {})  # noqa: S102 - our own page
    asked = site.asked[0]
    stamp, signature = asked.headers["x-canyu-time"], asked.headers["x-canyu-signature"]
    assert is_signed(("0123456789abcdef01234567",), stamp, asked.body, signature)
    assert is_fresh(stamp, get_now())

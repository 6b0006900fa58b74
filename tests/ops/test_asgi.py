"""The way into Django's pages: bodies arrive whole, and no header passes for one that only the proxy may set."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
from a2wsgi import WSGIMiddleware

from canyu.ops.asgi import Application, tidy_requests
from canyu.ops.raw import COLLECTOR, Room


def show_request(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ.get('HTTP_X_FORWARDED_PROTO', '')} {len(body)}".encode()]


def ask(app: Any, method: str, path: str, **options: Any) -> httpx.Response:
    async def run() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://c") as client:
            return await client.request(method, path, **options)

    return asyncio.run(run())


def test_a_body_arrives_whole_and_a_false_proxy_is_not_believed() -> None:
    pages = tidy_requests(WSGIMiddleware(show_request))  # type: ignore[arg-type]
    false = ask(pages, "POST", "/", content=b"x" * 1_000_000, headers={"X_Forwarded_Proto": "https"})
    true = ask(pages, "POST", "/", content=b"x", headers={"X-Forwarded-Proto": "https"})
    assert (false.text, true.text) == (" 1000000", "https 1")


def test_a_body_arrives_from_a_server_whose_receive_is_no_coroutine() -> None:
    pages = tidy_requests(WSGIMiddleware(show_request))  # type: ignore[arg-type]
    sent: list[Any] = []

    async def run() -> None:
        def receive() -> asyncio.Future[dict[str, Any]]:
            future = asyncio.get_running_loop().create_future()
            future.set_result({"type": "http.request", "body": b"abc", "more_body": False})
            return future

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "http_version": "1.1"}
        await pages({**scope, "headers": [(b"content-length", b"3")]}, receive, send)  # type: ignore[arg-type]

    asyncio.run(run())
    assert b"".join(message.get("body", b"") for message in sent) == b" 3"


def test_a_machine_for_the_collector_alone_shows_no_page(tmp_path: Any, monkeypatch: Any, use_lake: Any) -> None:
    use_lake(tmp_path / "my.lake")
    app = Application(None)
    assert (ask(app, "GET", "/healthz").status_code, ask(app, "GET", "/pulse/").status_code) == (200, 404)


def test_rooms_answer_their_own_paths_only() -> None:
    room = Room(COLLECTOR, None)  # type: ignore[arg-type]
    own = [
        "/v1/batch",
        "/v1/projects/k/settings",
        "/batch",
        "/batch/",
        "/e/",
        "/flags/",
        "/array/k/config",
        "/sourceConfig/",
    ]
    assert [path for path in own if not room.answers(path)] == []
    assert [
        path for path in ["/", "/batches/", "/events/", "/links/", "/alerts/", "/evidence"] if room.answers(path)
    ] == []


def test_a_process_that_ends_while_its_first_page_is_made_ready_ends_clean(brand_lake_path: Path) -> None:
    own = {**os.environ, "CANYU_LAKE": str(brand_lake_path), "DJANGO_SETTINGS_MODULE": "canyu.ops.settings"}
    done = subprocess.run([sys.executable, "-c", "import canyu.ops.asgi"], env=own, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")

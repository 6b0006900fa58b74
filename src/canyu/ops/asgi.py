"""What the web server loads: raw rooms first, and Django's pages, in threads, behind them.

Django itself runs over WSGI: over its own ASGI handler pages took ten times as long (measured 2026-11).
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from typing import Any, cast

from a2wsgi import WSGIMiddleware

from canyu.kit.raw_http import App, Receive, Scope, Send, make_json_answer, send_answer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canyu.ops.settings")

import django

django.setup()

from canyu.ops.config import load_config  # noqa: E402 - Django must be set up first
from canyu.ops.raw import Rooms, open_rooms  # noqa: E402 - Django must be set up first

HEALTH = "/healthz"


class Application:
    """One ASGI application for a whole Canyu server."""

    def __init__(self, pages: App | None) -> None:
        self._pages = pages
        self._rooms: Rooms | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request by the raw room of its path, or else by Django; mind the server's start and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] != "http":
            return
        app = self._open().find(scope["path"])
        if app is not None:
            await app(scope, receive, send)
        elif self._pages is not None:
            await self._pages(scope, receive, send)
        else:
            is_health = scope["path"] == HEALTH
            answer = make_json_answer(*((200, {"ok": True}) if is_health else (404, {"code": "not_found"})))
            await send_answer(send, answer, is_head=scope["method"] == "HEAD")

    def _open(self) -> Rooms:
        if self._rooms is None:
            self._rooms = open_rooms()
        return self._rooms

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._open()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self._open().close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def build_pages() -> App | None:
    """Return Django's pages as an ASGI application; None on a machine that serves the collector alone."""
    config = load_config()
    if config.collector_only:
        return None
    from canyu.ops.wsgi import application as wsgi

    # its annotations name WSGI's and ASGI's types its own way
    return tidy_requests(cast("App", WSGIMiddleware(cast("Any", wsgi), workers=config.web_threads)))


def tidy_requests(app: App) -> App:
    """Return the application behind two corrections that the way into WSGI needs.

    The server's ``receive`` gives an awaitable, and the middleware schedules coroutines only. And WSGI writes ``-`` and
    ``_`` of a header's name the same: one with an underscore could pass for what only the proxy in front may set.
    """

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        async def take() -> MutableMapping[str, Any]:
            return await receive()

        headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
        await app({**scope, "headers": headers}, take, send)

    return run


application = Application(build_pages())

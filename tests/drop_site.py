"""The claim door served alone, as tests and the benchmark start it: ``granian drop_site:application``.

``DROP_SITE=single`` commits every claim by itself, as most shops do; ``noop`` answers without judging anything.
"""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canyu.ops.settings")

import django

django.setup()

from canyu.kit.raw_http import Receive, Scope, Send, make_json_answer, read_body, send_answer  # noqa: E402 - Django first
from canyu.ops.offers.drops import door as doors  # noqa: E402

MODE = os.environ.get("DROP_SITE", "group")
if MODE == "single":
    doors.MOST_IN_GROUP = 1
door = doors.DropDoor()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    if scope["path"] == "/healthz":
        await send_answer(send, make_json_answer(200, {"ok": True}))
    elif MODE == "noop":
        doors.read_ask("gold", await read_body(scope, receive, most_bytes=4096, within_s=10), scope)
        await send_answer(send, make_json_answer(200, {"state": "sold_out"}))
    else:
        await door(scope, receive, send)

"""The claim door served alone, as tests and the benchmark start it: ``granian drop_site:application``."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canyu.ops.settings")

import django

django.setup()

from canyu.kit.raw_http import Receive, Scope, Send, make_json_answer, send_answer  # noqa: E402 - Django first
from canyu.ops.offers.drops.door import DropDoor  # noqa: E402

door = DropDoor()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    if scope["path"] == "/healthz":
        await send_answer(send, make_json_answer(200, {"ok": True}))
    else:
        await door(scope, receive, send)

"""The vendor's servers, stood in for on this machine: tokens, error codes and limits as documented."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SECRET = "app-secret"
ROBOT_KEY = "robot-key"
MOST_PER_USER = 5
MOST_PER_MINUTE = 20


class Vendor:
    """What the vendor knows. ``faults``: what the next calls get instead: a code, an HTTP status or ``cut``.

    ``delays``: seconds that the next messages take; ``is_slow`` is set while one does.
    """

    def __init__(self) -> None:
        self.base = ""
        self.lock = threading.Lock()
        self.is_slow = threading.Event()
        self.reset()

    def reset(self) -> None:
        self.token, self.token_calls, self.tokens = "", [], 0
        self.sent: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self.per_user: Counter[str] = Counter()
        self.robot: list[dict[str, Any]] = []
        self.news: list[list[dict[str, Any]]] = []
        self.is_stuck = False
        self.pulls: list[dict[str, Any]] = []
        self.faults: deque[int | str] = deque()
        self.delays: deque[float] = deque()
        self.is_slow.clear()

    def end_token(self) -> None:
        self.token = ""

    def answer(self, path: str, query: dict[str, str], content: dict[str, Any]) -> dict[str, Any]:
        if path == "/cgi-bin/stable_token":
            return self._give_token(content["appid"], content["secret"], content["force_refresh"])
        if path == "/cgi-bin/gettoken":
            return self._give_token(query["corpid"], query["corpsecret"], False)
        if path == "/cgi-bin/webhook/send":
            return self._take_robot(query, content)
        if not self.token or query.get("access_token") != self.token:
            return fail(40001, "invalid credential, access_token is invalid or not latest")
        if path in ("/cgi-bin/message/custom/send", "/cgi-bin/kf/send_msg"):
            return self._take_message(content)
        return self._give_news(content)

    def _give_token(self, app: str, secret: str, is_forced: bool) -> dict[str, Any]:
        self.token_calls.append(is_forced)
        if secret != SECRET:
            return fail(40001, f"invalid credential of {app}")
        if not self.token or is_forced:
            self.tokens += 1
            self.token = f"access-token-{self.tokens}"
        return {"access_token": self.token, "expires_in": 7200}

    def _take_message(self, content: dict[str, Any]) -> dict[str, Any]:
        user = content["touser"]
        if user == "stranger":
            return fail(40003, "invalid openid")
        if self.per_user[user] >= MOST_PER_USER:
            return fail(45047, "out of response count limit")
        self.per_user[user] += 1
        self.sent.append(content)
        return {"errcode": 0, "errmsg": "ok", "msgid": content.get("msgid", "")}

    def _take_robot(self, query: dict[str, str], content: dict[str, Any]) -> dict[str, Any]:
        if query["key"] != ROBOT_KEY:
            return fail(93000, "invalid webhook url")
        if len(self.robot) >= MOST_PER_MINUTE:
            return fail(45009, "api freq out of limit")
        self.robot.append(content)
        return {"errcode": 0, "errmsg": "ok"}

    def _give_news(self, content: dict[str, Any]) -> dict[str, Any]:
        self.pulls.append(content)
        if content.get("token") != "signal-token":
            return fail(45009, "reach max api frequency limit")
        page = int(content.get("cursor", "page-0").removeprefix("page-"))
        found = self.news[page] if page < len(self.news) else []
        following = min(page + 1, len(self.news))
        has_more = int(following < len(self.news) or self.is_stuck)
        return {"errcode": 0, "next_cursor": f"page-{following}", "has_more": has_more, "msg_list": found}


def fail(code: int, words: str) -> dict[str, Any]:
    return {"errcode": code, "errmsg": f"{words} rid: 1234"}


@contextmanager
def run_vendor() -> Iterator[Vendor]:
    """Run the stand-in on a free port."""
    vendor = Vendor()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # headers and body in one packet

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["content-length"])))

        def _answer(self, body: bytes) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path.endswith("/send") and vendor.delays:
                vendor.is_slow.set()
                time.sleep(vendor.delays.popleft())
                vendor.is_slow.clear()
            with vendor.lock:
                fault = vendor.faults.popleft() if vendor.faults else None
                vendor.bodies.append(body)
                if fault == "cut":
                    self.close_connection = True
                    return
                is_code = isinstance(fault, int) and not 400 <= fault < 600
                told = vendor.answer(parts.path, query, json.loads(body or b"{}")) if fault is None else {}
            told = fail(fault, "as told") if is_code else told
            text = json.dumps(told, ensure_ascii=False).encode()
            self.send_response(200 if fault is None or is_code else int(fault))
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    vendor.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield vendor
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

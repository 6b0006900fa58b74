"""Own questions about the example articles, in two halves, and a language model that misbehaves."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from canyu.kit.jsonio import dump_json_bytes, parse_json
from canyu.kit.yamlio import load_yaml

DATA = Path(__file__).parent / "care" / "assistant" / "data"
NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)


@dataclass(frozen=True)
class Question:
    text: str
    article: str  # empty: a person must answer
    group: str
    is_held_out: bool


def list_questions() -> list[Question]:
    """Return the questions that words, weights and thresholds were settled with, held-out half included."""
    return read_questions("questions.yaml")


def read_later_questions() -> list[Question]:
    """Return the questions that were written when everything was settled."""
    return read_questions("questions_later.yaml")


def read_unseen_questions() -> list[Question]:
    """Return the questions that were written before weights and words were changed, and asked when that was done."""
    return read_questions("questions_unseen.yaml")


def read_questions(name: str) -> list[Question]:
    told = load_yaml((DATA / name).read_text("utf-8"))
    found = [(text, article, "answered") for article, texts in told["answered"].items() for text in texts]
    found += [(text, "", group) for group, texts in told["handed_over"].items() for text in texts]
    return [Question(text, article, group, is_held_out(text)) for text, article, group in found]


def is_held_out(text: str) -> bool:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 2 == 0


Tell = Callable[[dict[str, Any]], str]


@contextmanager
def run_model(tell: Tell, *, status: int = 200, wait_s: float = 0.0) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Serve an OpenAI-compatible model on this machine; yields its base and what it was asked, headers included."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = parse_json(self.rfile.read(int(self.headers["content-length"])))
            asked.append({"path": self.path, "key": self.headers.get("authorization"), **body})
            time.sleep(wait_s)
            answer = dump_json_bytes({"choices": [{"message": {"role": "assistant", "content": tell(body)}}]})
            self.send_response(status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a caller that hung up is part of the test
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

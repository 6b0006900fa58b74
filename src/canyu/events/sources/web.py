"""Asking the web: patient with busy servers, brief with endless ones, and silent about keys."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from canyu.events.sources.errors import QuotaSpent, SourceFailure
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import parse_json
from canyu.kit.version import __version__
from canyu.kit.words import Words

AGENT = f"canyu/{__version__}"
TIMEOUT_S = 30.0
Params = Mapping[str, str | int] | httpx.QueryParams
LONGEST_ANSWER_BYTES = 32 << 20
TRIES = 5
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 120.0  # a longer wait is told, not slept through
LEAST_PAUSE_S = 0.5


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, whole."""

    status: int
    headers: httpx.Headers
    body: bytes

    def parse(self, place: str) -> dict[str, Any]:
        """Return the JSON object of the body. Raises SourceFailure where it is none."""
        try:
            found = parse_json(self.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise SourceFailure(
                Words(f"{place} 的回答不是 JSON。", f"{place} did not answer in JSON."),
                mend=Words(
                    "稍后再试；如一直如此，检查地址和代理。", "Try again later; then check the address and the proxy."
                ),
            )
        return found


class Web:
    """Sends requests to one host; waits and repeats where the server is busy or says when to come again.

    ``headers`` may carry a key: neither they nor the query of an address ever stand in an error or a log.
    """

    def __init__(
        self,
        base: str,
        headers: Mapping[str, str] | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = get_now,
    ) -> None:
        self.base = base.rstrip("/")
        self._client = httpx.Client(
            headers={"User-Agent": AGENT, **(headers or {})}, timeout=TIMEOUT_S, follow_redirects=not headers
        )
        self._sleep = sleep
        self._clock = clock

    def __enter__(self) -> Web:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, path: str, params: Params | None = None, **more: Any) -> Answer:
        """Return the answer to a GET (or to what ``more`` says), after at most five tries.

        ``charge`` is called before each try: a source counts those that fail as well.
        Raises SourceFailure where no answer comes, QuotaSpent where the server asks for a wait of over two minutes.
        """
        place = self.base + path
        for trial in range(TRIES):
            if "charge" in more:
                more["charge"]()
            answer = self._send(place, params or {}, more)
            if answer is not None and answer.status != 429 and answer.status < 500:
                return answer
            pause = self._find_pause(answer, trial, place)
            if trial < TRIES - 1:
                self._sleep(pause)
        raise SourceFailure(
            Words(f"{place} 五次都没有应答。", f"{place} gave no usable answer in five tries."),
            mend=Words("检查网络，稍后再试：不会重复收下。", "Check the network and try again: nothing doubles."),
        )

    def _send(self, place: str, params: Params, more: Mapping[str, Any]) -> Answer | None:
        """Return an answer, or None where the connection failed and may work the next time."""
        given = {name: value for name, value in more.items() if name in ("headers", "data", "auth")}
        method = more.get("method", "GET")
        try:
            with self._client.stream(method, place, params=params or None, **given) as response:
                body = bytearray()
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > LONGEST_ANSWER_BYTES:
                        raise SourceFailure(
                            Words(f"{place} 的回答超过 32 MiB。", f"{place} answered with more than 32 MiB.")
                        )
                return Answer(response.status_code, response.headers, bytes(body))
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.TooManyRedirects) as error:
            raise SourceFailure(
                Words(f"打不开 {place}。", f"{place} cannot be opened."),
                mend=Words(
                    "给出以 http:// 或 https:// 开头的完整地址。", "Give a whole address with http:// or https://."
                ),
            ) from error
        except httpx.HTTPError:
            return None

    def _find_pause(self, answer: Answer | None, trial: int, place: str) -> float:
        """Return how long to wait: what the server asks for, else 1, 2, 4, 8 seconds."""
        asked = None if answer is None else read_pause(answer, self._clock())
        if asked is None:
            return FIRST_PAUSE_S * float(2**trial)
        if asked > LONGEST_PAUSE_S:
            resets = self._clock() + timedelta(seconds=asked)
            raise QuotaSpent(
                Words(
                    f"{place} 要求等到 {resets:%Y-%m-%d %H:%M} UTC。",
                    f"{place} asks to wait until {resets:%Y-%m-%d %H:%M} UTC.",
                ),
                mend=Words("到时再运行，会从停下的地方接着收。", "Run again then: it goes on where it stopped."),
                resets=resets,
            )
        return max(asked, LEAST_PAUSE_S)


def tell_refusal(answer: Answer, place: str, reason: str, variable: str) -> SourceFailure:
    """Return the error for an answer that is none, with the mend that fits its status."""
    said = f"{answer.status} {reason}".strip()
    mend = Words(
        "检查写出的条件；参见该平台的接口文档。", "Check what was asked for; see the platform's documentation."
    )
    if answer.status in (401, 403):
        mend = Words(
            f"检查环境变量 {variable} 里的密钥是否有效、是否有这个接口的权限。",
            f"Check that what {variable} holds is valid and may use this interface.",
        )
    return SourceFailure(Words(f"{place} 拒绝了：{said}。", f"{place} refused: {said}."), mend=mend)


def check_base(base: str) -> str:
    """Return the address of an interface. Raises BadInput where a key would travel in the open."""
    parts = urlsplit(base)
    if parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost", "::1"):
        return base
    raise BadInput(
        Words(f"{base} 不是 https 地址。", f"{base} is no https address."),
        mend=Words("密钥只经 https 发送。", "Keys are sent over https only."),
    )


def read_pause(answer: Answer, now: datetime) -> float | None:
    """Return the seconds a server asks to wait, or None where it does not say.

    Read are ``Retry-After`` (RFC 9110, seconds or a date) and, on 429 only, X's ``x-rate-limit-reset`` (an instant)
    and Reddit's ``x-ratelimit-reset`` (seconds).
    """
    after = answer.headers.get("retry-after", "").strip()
    if after.isdigit():
        return float(after)
    if after:
        try:
            return max(0.0, (parsedate_to_datetime(after).astimezone(UTC) - now).total_seconds())
        except (ValueError, TypeError):
            pass
    if answer.status != 429:
        return None
    instant, seconds = answer.headers.get("x-rate-limit-reset", ""), answer.headers.get("x-ratelimit-reset", "")
    if instant.isdigit():
        return max(0.0, int(instant) - now.timestamp())
    return float(seconds) if seconds.replace(".", "", 1).isdigit() else None

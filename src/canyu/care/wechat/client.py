"""Asking the vendor over HTTP: keys in no log and no error, answers not trusted in size or shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from canyu.care.wechat.errors import VendorFailure
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json_bytes, parse_sent_json
from canyu.kit.version import __version__
from canyu.kit.words import Words

WECHAT = "https://api.weixin.qq.com"
WECOM = "https://qyapi.weixin.qq.com"
TIMEOUT_S = 10.0
MOST_ANSWER_BYTES = 8 << 20
HERE = ("127.0.0.1", "localhost", "::1")
SECRETS = "canyu.wechat.secrets"


class NotReached(VendorFailure):
    """The vendor was not reached: surely nothing was done, and another try doubles nothing."""

    code = "vendor_not_reached"


class NoAnswer(VendorFailure):
    """The request went out and no usable answer came back: what it asked for may be done or not."""

    code = "vendor_silent"


@dataclass(frozen=True, slots=True)
class Said:
    """What the vendor answered: its code (0 is well), its words, all of it."""

    errcode: int
    errmsg: str
    values: dict[str, Any]

    def get_text(self, name: str) -> str:
        """Return a value that is a text, empty where it is none."""
        found = self.values.get(name)
        return found if isinstance(found, str) else ""

    def get_count(self, name: str) -> int:
        """Return a value that is a whole number, 0 where it is none."""
        found = self.values.get(name)
        return found if isinstance(found, int) else 0


class VendorClient:
    """Sends requests to one host of the vendor; safe for several threads."""

    def __init__(self, base: str = WECHAT, *, timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(base)
        if parts.scheme != "https" and parts.hostname not in HERE:
            raise BadInput(
                Words(f"{base} 不是 https 地址。", f"{base} is no https address."),
                mend=Words("密钥只经 https 发送。", "Keys are sent over https only."),
            )
        self.base = base.rstrip("/")
        self._client = httpx.Client(
            transport=_SecretQuery(proxy=find_proxy(base)),
            headers={"User-Agent": f"canyu/{__version__}"},
            timeout=timeout_s,
        )

    def __enter__(self) -> VendorClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def post(self, path: str, content: Mapping[str, Any], secrets: Mapping[str, str] | None = None) -> Said:
        """Return the answer to a POST of JSON. Raises NotReached or NoAnswer.

        ``secrets`` join the address only on the wire: the vendor wants its tokens there, where logs and errors are
        made of.
        """
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return self._ask(
            self._client.build_request(
                "POST", self.base + path, content=dump_json_bytes(content), headers=headers, extensions=_hide(secrets)
            )
        )

    def get(self, path: str, secrets: Mapping[str, str]) -> Said:
        """Return the answer to a GET. Raises NotReached or NoAnswer."""
        return self._ask(self._client.build_request("GET", self.base + path, extensions=_hide(secrets)))

    def _ask(self, request: httpx.Request) -> Said:
        place = f"{request.url.host}{request.url.path}"
        try:
            response = self._client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise NotReached(
                Words(f"连不上 {place}。", f"{place} cannot be reached."),
                mend=Words("检查网络和代理；会再试。", "Check network and proxy; it is tried again."),
            ) from error
        except httpx.HTTPError as error:
            raise _tell_silence(place, type(error).__name__) from error
        try:
            body = _read(response, place)
        except httpx.HTTPError as error:
            raise _tell_silence(place, type(error).__name__) from error
        finally:
            response.close()
        if response.status_code == 429:
            raise NotReached(Words(f"{place} 太忙。", f"{place} is too busy."))
        return _parse(response.status_code, body, place)


def find_proxy(base: str) -> str | None:
    """Return the proxy that the environment names for an address: the vendor takes calls from listed addresses only."""
    parts = urlsplit(base)
    host = parts.hostname or ""
    return None if host in HERE or proxy_bypass(host) else getproxies().get(parts.scheme)


class _SecretQuery(httpx.HTTPTransport):
    """Adds what must not be written anywhere to the address, after httpx has logged it."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        secrets = request.extensions.get(SECRETS)
        if secrets:
            request = httpx.Request(
                request.method,
                request.url.copy_merge_params(secrets),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        return super().handle_request(request)


def _hide(secrets: Mapping[str, str] | None) -> dict[str, Any]:
    return {SECRETS: dict(secrets)} if secrets else {}


def _read(response: httpx.Response, place: str) -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > MOST_ANSWER_BYTES:
            raise _tell_silence(place, f"> {MOST_ANSWER_BYTES >> 20} MiB")
    return bytes(body)


def _parse(status: int, body: bytes, place: str) -> Said:
    try:
        found = parse_sent_json(body)
    except ValueError:
        found = None
    if status != 200 or not isinstance(found, dict):
        raise _tell_silence(place, f"HTTP {status}")
    code, words = found.get("errcode", 0), found.get("errmsg", "")
    if not isinstance(code, int):
        raise _tell_silence(place, "errcode")
    return Said(code, words if isinstance(words, str) else "", found)


def _tell_silence(place: str, what: str) -> NoAnswer:
    return NoAnswer(
        Words(f"{place} 没有给出能用的回答（{what}）。", f"{place} gave no usable answer ({what})."),
        mend=Words("请求可能已经生效，也可能没有。", "What was asked may be done, or not."),
    )

"""Signatures of the vendor's calls: SHA-1 over the sorted parts, compared in constant time, good for some minutes.

The scheme is the vendor's ("消息推送", "加解密方案说明"): the parts, sorted as text, with nothing between them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from canyu.care.wechat.errors import CallRefused
from canyu.kit.words import Words

WINDOW_S = 300
"""How far a call's time may be from ours, both ways. The vendor's tries follow within seconds."""


def sign(*parts: str) -> str:
    """Return the vendor's signature of a token, a timestamp, a nonce and, of encrypted calls, the sealed text.

    >>> sign("token", "1700000000", "nonce")
    'bf37e74fc61ce5974ce58c68e55130b79b2578b9'
    """
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def sign_page(ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """Return the signature with which a page may call the JS-SDK, as the agent's sidebar does (the vendor's 附录1).

    ``url`` is the page's whole address; what follows ``#`` does not count.
    """
    page = url.partition("#")[0]
    told = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={page}"
    return hashlib.sha1(told.encode(), usedforsecurity=False).hexdigest()


def check_signature(given: str, *parts: str) -> None:
    """Raise CallRefused where a signature is not that of these parts; takes as long for any wrong one."""
    if not hmac.compare_digest(given.encode("utf-8", "replace"), sign(*parts).encode()):
        raise CallRefused(
            Words("签名不对。", "The signature is wrong."),
            mend=Words(
                "请确认后台配置里的 Token 与这里的一致。", "Check that the Token is the same here as at the vendor."
            ),
        )


def check_time(timestamp: str, now: datetime, window_s: int = WINDOW_S) -> None:
    """Raise CallRefused where a call was signed more than ``window_s`` seconds before or after ``now``."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        raise CallRefused(Words("时间戳不是秒数。", "The timestamp is no number of seconds."))
    apart = int(timestamp) - now.timestamp()
    if abs(apart) > window_s:
        late = apart < 0
        raise CallRefused(
            Words(
                f"这次调用{'过期' if late else '来自未来'}：相差 {abs(apart):.0f} 秒，最多 {window_s} 秒。",
                f"The call is {'too old' if late else 'from the future'}: "
                f"{abs(apart):.0f} s apart, at most {window_s} s.",
            ),
            mend=Words("如果是真的推送，请校准服务器的时钟。", "If it was a real one, set the server's clock."),
        )


class CallMemory(Protocol):
    """What was called within the window. Of a server with several processes, all share one."""

    def remember(self, signature: str, digest: bytes, at: datetime) -> bool:
        """Remember a call's signature with the digest of its body, at once and for all processes.

        Returns False where the signature is remembered with another digest: it was taken from another call. The same
        call twice is True: the vendor sends again what was not answered, and the inbox keeps it once.
        """
        ...


class LocalMemory:
    """A memory of calls for one process; of more than ``most`` at once it forgets the oldest."""

    def __init__(self, *, keep_s: int = 2 * WINDOW_S, most: int = 100_000) -> None:
        self._keep = timedelta(seconds=keep_s)
        self._most = most
        self._seen: OrderedDict[str, tuple[datetime, bytes]] = OrderedDict()
        self._lock = Lock()

    def remember(self, signature: str, digest: bytes, at: datetime) -> bool:
        """Remember a call; False where its signature came with another body before."""
        with self._lock:
            while self._seen and next(iter(self._seen.values()))[0] < at - self._keep:
                self._seen.popitem(last=False)
            known = self._seen.get(signature)
            if known is not None:
                return hmac.compare_digest(known[1], digest)
            self._seen[signature] = (at, digest)
            if len(self._seen) > self._most:
                self._seen.popitem(last=False)
            return True

"""Who may deliver: the secrets of sources, and the signature over a time and a body."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime
from functools import lru_cache

from canyu.kit.errors import BadInput
from canyu.kit.words import Words

WINDOW_S = 300
SHORTEST_SECRET = 24
SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
SCHEME = "sha256="


def parse_secrets(text: str) -> dict[str, tuple[str, ...]]:
    """Return source -> its secrets, from ``name=secret`` pairs separated by commas or line ends.

    A name may come twice, so that a new secret is valid beside the old one while senders change over. Raises
    BadInput that names the source at fault and never shows a secret.
    """
    secrets: dict[str, tuple[str, ...]] = {}
    for place, pair in enumerate(re.split(r"[,\n]", text), start=1):
        if not pair.strip():
            continue
        name, _, secret = (part.strip() for part in pair.partition("="))
        if not SOURCE_NAME.fullmatch(name):
            raise BadInput(
                Words(f"第 {place} 个来源没有可用的名字。", f"Source {place} has no usable name."),
                mend=Words("写成 名字=密钥，名字用小写字母、数字、横线。", "Write name=secret, in lower case."),
            )
        if len(secret) < SHORTEST_SECRET:
            raise BadInput(
                Words(f"来源 {name} 的密钥太短。", f"The secret of the source {name} is too short."),
                mend=Words(
                    f"至少 {SHORTEST_SECRET} 个字符，例如 openssl rand -hex 32。",
                    f"At least {SHORTEST_SECRET} characters, as openssl rand -hex 32 gives.",
                ),
            )
        secrets[name] = (*secrets.get(name, ()), secret)
    return secrets


@lru_cache(maxsize=1)
def read_secrets(text: str) -> dict[str, tuple[str, ...]]:
    """Return ``parse_secrets`` of a setting, read once."""
    return parse_secrets(text)


def sign(secret: str, stamp: str, body: bytes) -> str:
    """Return the signature of a delivery: HMAC-SHA256 (RFC 2104) over the time, a dot and the body.

    >>> sign("s" * 24, "1767225600", b"{}")[:20]
    'sha256=541be26924667'
    """
    return SCHEME + hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def is_signed(secrets: tuple[str, ...], stamp: str, body: bytes, signature: str) -> bool:
    """Say whether one of the secrets made this signature; takes as long for a wrong one as for a right one."""
    given = signature.encode("utf-8", "replace")
    answers = [hmac.compare_digest(sign(secret, stamp, body).encode(), given) for secret in secrets]
    return True in answers


def is_fresh(stamp: str, now: datetime) -> bool:
    """Say whether a time (whole seconds since 1970) is within five minutes of now, before or after."""
    if not re.fullmatch(r"[0-9]{1,12}", stamp):
        return False
    return abs(now.timestamp() - int(stamp)) <= WINDOW_S

"""What an order is called once its person was erased: a keyed hash while a refund may follow, a random name then.

With the hash a refund that names the order still finds it. Who has rows alone, without the server's key, cannot tell
which order a row was; after the last possible refund nobody can.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from django.utils.crypto import salted_hmac

HIDDEN, NAMELESS = "erased-", "nameless-"


def hide(name: str) -> str:
    """Return the keyed hash that stands for an order's, event's or refund's name; what is hidden stays as it is."""
    if is_hidden(name) or not name:
        return name
    return HIDDEN + hmac.digest(_derive_key(settings.SECRET_KEY), name.encode("utf-8", "replace"), "sha256").hex()[:32]


def make_nameless() -> str:
    """Return a name that leads to nothing."""
    return NAMELESS + secrets.token_hex(16)


def is_hidden(name: str) -> bool:
    """Say whether a name stands for one that was erased."""
    return name.startswith((HIDDEN, NAMELESS))


def list_forms(names: Iterable[str]) -> list[str]:
    """Return under which names the rows of these orders may stand: their own, and the ones after an erasure."""
    return [form for name in names if name for form in (name, hide(name))]


@lru_cache(maxsize=1)
def _derive_key(secret: str) -> bytes:
    return salted_hmac("canyu.orders", "erased", secret, algorithm="sha256").digest()

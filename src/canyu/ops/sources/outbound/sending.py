"""Sends one delivery, to public addresses only: where a name leads is checked on the very connection that is used."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpcore

from canyu.ops.webhook.rules import sign

TIMEOUT_S = 10.0
PRIVATE, UNREACHABLE, REFUSED, REDIRECTED = "private_address", "unreachable", "refused", "redirected"
CONTENT_TYPE = b"application/cloudevents+json; charset=utf-8"


class PrivateAddress(Exception):
    """The host leads to an address that is not public."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes out: where to, the CloudEvent, and the secret that signs it."""

    url: str
    body: str
    secret: str
    may_be_private: bool


class GuardedBackend(httpcore.SyncBackend):
    """Connects to the addresses of a host after looking at them: a name that changes in between gains nothing."""

    def __init__(self, *, may_be_private: bool) -> None:
        super().__init__()
        self._may_be_private = may_be_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of the host; raises PrivateAddress where one of them is not public."""
        address = host if self._may_be_private else find_public_address(host, port)
        return super().connect_tcp(address, port, timeout, local_address, socket_options)


def find_public_address(host: str, port: int) -> str:
    """Return an address of the host; raises PrivateAddress where any of them is private, local or special."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from error
    for address in found:
        if not is_public(address):
            raise PrivateAddress
    return sorted(found)[0]


def is_public(address: str) -> bool:
    """Say whether an address belongs to the public internet.

    >>> [is_public(name) for name in ("1.1.1.1", "10.0.0.1", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1")]
    [True, False, False, False, False]
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


def send_letter(letter: Letter, now: datetime) -> tuple[int | None, str]:
    """Send a letter; return the status and "" where it was taken (2xx), else the code of the fault.

    Redirects are not followed: they would lead around the check.
    """
    stamp, body = str(int(now.timestamp())), letter.body.encode()
    headers = [
        (b"Content-Type", CONTENT_TYPE),
        (b"User-Agent", b"Canyu-Webhook"),
        (b"X-Canyu-Time", stamp.encode()),
        (b"X-Canyu-Signature", sign(letter.secret, stamp, body).encode()),
    ]
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), TIMEOUT_S)
    try:
        backend = GuardedBackend(may_be_private=letter.may_be_private)
        with (
            httpcore.ConnectionPool(network_backend=backend, max_connections=1) as pool,
            pool.stream("POST", letter.url, headers=headers, content=body, extensions={"timeout": timeouts}) as answer,
        ):
            status = answer.status
    except PrivateAddress:
        return None, PRIVATE
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.UnsupportedProtocol):
        return None, UNREACHABLE
    except (OSError, ValueError):
        return None, UNREACHABLE
    if 200 <= status < 300:
        return status, ""
    return status, REDIRECTED if 300 <= status < 400 else REFUSED

"""What a request carries, whatever its headers say: plain, gzip or form-encoded JSON, never more than is allowed."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any
from urllib.parse import parse_qs

from canyu.kit.jsonio import parse_sent_json
from canyu.kit.raw_http import BodyTooLarge

GZIP = b"\x1f\x8b"
FORM = b"data="
GZIP_WINDOW = 31  # zlib's code for a gzip header and the largest window


class NoJson(Exception):
    """The body is no JSON in any of the ways that the clients send it."""


def unwrap_body(body: bytes, *, most_bytes: int) -> bytes:
    """Return the JSON text of a body: gzip is known by its first bytes, a form by its field ``data`` (base64).

    Raises BodyTooLarge where it unfolds to more than ``most_bytes``: of a bomb no more than that is ever in memory.

    >>> unwrap_body(b"data=eyJhIjoxfQ%3D%3D", most_bytes=100)
    b'{"a":1}'
    """
    if body.startswith(FORM):
        body = _read_form(body)
    if body.startswith(GZIP):
        body = _unfold(body, most_bytes)
    return body


def parse_body(text: bytes) -> Any:
    """Return what the JSON text says; raises NoJson."""
    try:
        return parse_sent_json(text)
    except ValueError as error:
        raise NoJson from error


def _read_form(body: bytes) -> bytes:
    fields = parse_qs(body.decode("ascii", "replace"), max_num_fields=20)
    data = fields.get("data", [""])[0]
    if data.lstrip().startswith(("{", "[")):
        return data.encode()
    data = data.replace(" ", "+")  # a plus that was not escaped
    try:
        return base64.b64decode(data + "=" * (-len(data) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoJson from error


def _unfold(body: bytes, most_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while body.startswith(GZIP):
        engine = zlib.decompressobj(GZIP_WINDOW)
        try:
            part = engine.decompress(body, most_bytes - size + 1)
        except zlib.error as error:
            raise NoJson from error
        size += len(part)
        if size > most_bytes:
            raise BodyTooLarge
        if not engine.eof:
            raise NoJson  # cut short
        parts.append(part)
        body = engine.unused_data
    return b"".join(parts)

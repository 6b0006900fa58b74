"""Codes that cannot be guessed, made from the server's key; only an HMAC of each is kept. Pure, no database."""

from __future__ import annotations

import hashlib
import hmac

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""32 letters, without those that are mistaken for one another (0 O, 1 I)."""
GROUPS, GROUP_LETTERS = 4, 4
"""16 letters of 5 bits: 80 bits."""
MAKING, FINDING, NAMING = b"canyu offers: make a code", b"canyu offers: find a code", b"canyu offers: name a person"
SHORTEST = 4
LONGEST = 40


def make_code(secret: str, *parts: str) -> str:
    """Return the code of a serial: the same for the same key and parts, and nothing that can be told without the key.

    So a list of codes can be downloaded again although the codes themselves are kept nowhere.

    >>> make_code("k", "june", "1", "7") == make_code("k", "june", "1", "7") != make_code("k", "june", "1", "8")
    True
    """
    drawn = int.from_bytes(_digest(secret, MAKING, "\x1f".join(parts))[:10], "big")
    letters = [LETTERS[(drawn >> (5 * place)) % 32] for place in range(GROUPS * GROUP_LETTERS)]
    starts = range(0, len(letters), GROUP_LETTERS)
    return "-".join("".join(letters[start : start + GROUP_LETTERS]) for start in starts)


def clean_code(text: str) -> str:
    """Return a code as it is looked for: capitals, without blanks and dashes, as people may type it.

    >>> clean_code(" june-2026 "), clean_code("ab cd")
    ('JUNE2026', 'ABCD')
    """
    return "".join(sign for sign in text.upper() if sign.isalnum())[:LONGEST]


def digest_code(secret: str, text: str) -> str:
    """Return what is kept of a code, in hex."""
    return _digest(secret, FINDING, clean_code(text)).hex()


def name_person(secret: str, person: str) -> str:
    """Return a name for a person in the ledger, whose rows can never be erased: nobody is known by it."""
    return _digest(secret, NAMING, person).hex()[:24]


def _digest(secret: str, purpose: bytes, text: str) -> bytes:
    key = hmac.new(secret.encode(), purpose, hashlib.sha256).digest()
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()

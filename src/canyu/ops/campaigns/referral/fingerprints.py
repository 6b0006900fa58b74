"""Keyed fingerprints of what could tell one person twice; what they were made from is kept nowhere. Pure."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

from canyu.ops.campaigns.referral.rules import SignalKind

THROW_AWAY = frozenset(
    {
        "10minutemail.com",
        "33mail.com",
        "dispostable.com",
        "emailondeck.com",
        "fakeinbox.com",
        "getnada.com",
        "grr.la",
        "guerrillamail.com",
        "guerrillamail.net",
        "inboxkitten.com",
        "maildrop.cc",
        "mailinator.com",
        "mailnesia.com",
        "mintemail.com",
        "mohmal.com",
        "moakt.com",
        "sharklasers.com",
        "spam4.me",
        "spamgourmet.com",
        "temp-mail.org",
        "tempail.com",
        "tempmail.dev",
        "throwawaymail.com",
        "trashmail.com",
        "yopmail.com",
    }
)
"""Domains that lend mail addresses to anybody for minutes; the best known ones, not all there are."""
CHINA = "86"


def fingerprint(key: str, kind: SignalKind, value: str) -> str:
    """Return 32 hex digits that only who holds the key can make again from the value.

    >>> fingerprint("k", SignalKind.CONTACT, "+86 138 0000 0000") == fingerprint("k", SignalKind.CONTACT, "13800000000")
    True
    """
    clean = clean_contact(value) if kind is SignalKind.CONTACT else clean_text(value)
    return hmac.new(key.encode(), f"{kind}\x1f{clean}".encode(), hashlib.sha256).hexdigest()[:32]


def clean_contact(text: str) -> str:
    """Return a contact in the one way in which it is compared.

    >>> clean_contact(" Ann.Lee+spring@GMAIL.com "), clean_contact("0086-138 0000 0000")
    ('annlee@gmail.com', '13800000000')
    """
    clean = clean_text(text)
    if "@" in clean:
        name, _, domain = clean.rpartition("@")
        name = name.split("+", 1)[0]
        return f"{name.replace('.', '')}@{domain}" if domain in {"gmail.com", "googlemail.com"} else f"{name}@{domain}"
    digits = "".join(letter for letter in clean if letter.isdecimal())
    digits = digits.removeprefix("00")
    return digits.removeprefix(CHINA) if len(digits) == 13 else digits


def clean_text(text: str) -> str:
    """Return a text without blanks, in one width and case."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def is_throw_away(contact: str) -> bool:
    """Say whether a mail address is lent for minutes.

    >>> is_throw_away("a@mail.yopmail.com"), is_throw_away("a@example.org"), is_throw_away("13800000000")
    (True, False, False)
    """
    domain = clean_text(contact).rpartition("@")[2]
    parts = domain.split(".")
    return any(".".join(parts[start:]) in THROW_AWAY for start in range(len(parts) - 1))

"""Who is no person, from where somebody comes, and the pass of a form; pure, no database."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from datetime import datetime, timedelta

from django.core import signing

CODE = re.compile(r"[a-z0-9]{1,16}")
ROBOT = re.compile(
    r"bot|crawl|spider|slurp|preview|facebookexternalhit|headless|curl|wget|python|java/|okhttp|scan|monitor|lighthouse",
    re.IGNORECASE,
)
LEAST_WAIT = timedelta(seconds=2)
"""A person reads and ticks; a program answers at once."""
LONGEST_WAIT = timedelta(hours=12)
SALT = "canyu.campaigns.pass"
PRIVACY_VERSION = "1"


def is_robot(agent: str, purpose: str) -> bool:
    """Say whether a request comes from a program or is fetched ahead of a person.

    >>> is_robot("Mozilla/5.0 (iPhone) MicroMessenger/8.0", ""), is_robot("Googlebot/2.1", ""), is_robot("", "")
    (False, True, True)
    """
    return not agent or "prefetch" in purpose or bool(ROBOT.search(agent))


def name_network(address: str) -> str:
    """Return the network of an address: all that brakes need to know of where somebody comes from.

    >>> name_network("203.0.113.77"), name_network("2001:db8:1:2:3::4"), name_network("nonsense")
    ('203.0.113.0/24', '2001:db8:1:2::/64', 'unknown')
    """
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 64), strict=False))


def make_pass(nonce: str, now: datetime) -> str:
    """Return what a form carries: when it was made and a name that no other form has, signed."""
    return signing.dumps({"n": nonce, "t": now.timestamp()}, salt=SALT)


def read_pass(given: str, now: datetime) -> tuple[str, bool]:
    """Return the name in a form's pass (empty where it is no pass of ours or too old), and whether it came too soon."""
    try:
        kept = signing.loads(given, salt=SALT)
        age = timedelta(seconds=now.timestamp() - float(kept["t"]))
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return "", False
    return (str(kept["n"]), age < LEAST_WAIT) if age <= LONGEST_WAIT else ("", False)


def read_touches(cookie: str) -> tuple[str, str]:
    """Return the codes of the first and the last share that led here, as the cookie of a page keeps them.

    >>> read_touches("abc.def"), read_touches("<script>"), read_touches("")
    (('abc', 'def'), ('', ''), ('', ''))
    """
    first, _dot, last = cookie.partition(".")
    return (first, last) if CODE.fullmatch(first) and CODE.fullmatch(last) else ("", "")


def name_text(text: str, language: str) -> str:
    """Return the fingerprint of what somebody agreed to."""
    told = f"{PRIVACY_VERSION}\x1f{language}\x1f{text}"
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()

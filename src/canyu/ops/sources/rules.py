"""What a source may be called and set to; pure, no database."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from canyu.events import find_verb
from canyu.ops.sources.errors import SourceUnusable

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
KEY_PREFIX = "cyk_"
KEY_BYTES = 24
HINT_LETTERS = 4
MOST_ORIGINS, MOST_NAMES, LONGEST_NAME = 50, 500, 200
MOST_PER_MINUTE = 100_000_000
ANY_ORIGIN = "*"


@dataclass(frozen=True, slots=True)
class SourceDraft:
    """What a person sets of a source: its place where events do not say one, who may send how much, its own names."""

    market: str = ""
    channel: str = ""
    origins: tuple[str, ...] = ()
    per_minute: int = 0
    names: Mapping[str, str] = field(default_factory=dict)


def make_key() -> str:
    """Return a fresh write key of 192 random bits; it may stand in an address."""
    return KEY_PREFIX + secrets.token_urlsafe(KEY_BYTES)


def check_name(name: str) -> str:
    """Return the name of a source; raises SourceUnusable."""
    if not NAME.fullmatch(name):
        raise SourceUnusable(
            _("%s cannot be the name of a source.") % repr(name[:70]),
            mend=_("Use lower-case letters, digits, dots and dashes, 64 at most."),
        )
    return name


def check_draft(draft: SourceDraft) -> SourceDraft:
    """Return the draft with its origins in their standard form; raises SourceUnusable that names what is wrong."""
    if not 0 <= draft.per_minute <= MOST_PER_MINUTE:
        raise SourceUnusable(_("The limit per minute is out of range."), mend=_("0 stands for no limit."))
    if len(draft.origins) > MOST_ORIGINS or len(draft.names) > MOST_NAMES:
        raise SourceUnusable(_("There are too many origins or names."), mend=_("Make a second source."))
    for name, verb in draft.names.items():
        if not name or len(name) > LONGEST_NAME or find_verb(verb) is None:
            raise SourceUnusable(
                _("%s is not a type of event.") % repr(verb[:60]), mend=_("Use a name of the vocabulary, such as book.")
            )
    origins = tuple(dict.fromkeys(check_origin(origin) for origin in draft.origins))
    return SourceDraft(draft.market, draft.channel, origins, draft.per_minute, dict(draft.names))


def check_origin(origin: str) -> str:
    """Return an origin as browsers send it; raises SourceUnusable.

    >>> check_origin("https://Shop.example/"), check_origin("*")
    ('https://shop.example', '*')
    """
    if origin == ANY_ORIGIN:
        return origin
    parts = urlsplit(origin.strip().rstrip("/"))
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query or "@" in parts.netloc:
        raise SourceUnusable(
            _("%s is not an origin.") % repr(origin[:80]), mend=_("Write it as https://shop.example, without a path.")
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"


def read_names(text: str) -> dict[str, str]:
    """Return own name -> type from lines such as ``Test drive wanted = book``; raises SourceUnusable.

    >>> read_names("Test drive wanted = book")
    {'Test drive wanted': 'book'}
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        name, sign, verb = (part.strip() for part in line.rpartition("="))
        if not sign or not name or not verb:
            raise SourceUnusable(
                _("The line %s has no type of event.") % repr(line[:80]), mend=_("Write: own name = type")
            )
        found[name] = verb
    return found


def write_names(names: Mapping[str, str]) -> str:
    """Return the lines that ``read_names`` reads."""
    return "\n".join(f"{name} = {verb}" for name, verb in names.items())

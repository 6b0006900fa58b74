"""Lists of accounts as an address holds them: spelled out while they are short, else by a name that is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from canyu.kit.errors import BadInput
from canyu.kit.words import Words

MOST_SPELLED = 300
"""Accounts that an address spells out: mail programs cut longer ones, and proxies those of 8,000 letters."""
MOST_KEYS = 50_000
"""As many as a roster file may hold."""
KEPT_MARK = "~"
DIGEST_LETTERS = 32


def spell_keys(keys: Sequence[int]) -> str:
    """Return accounts one by one.

    >>> spell_keys([12, 7]), parse_keys("12.7")
    ('12.7', (12, 7))
    """
    return ".".join(str(key) for key in keys)


def shorten_keys(keys: Sequence[int]) -> str:
    """Return accounts as an address holds them: spelled out, or where they are many the name of the list.

    The name is made of the list itself, so that the same list has the same address everywhere.

    >>> shorten_keys([12, 7]), len(shorten_keys(range(301)))
    ('12.7', 33)
    """
    return spell_keys(keys) if len(keys) <= MOST_SPELLED else KEPT_MARK + name_list(spell_keys(keys))


def name_list(spelled: str) -> str:
    """Return the name of a list that is spelled out."""
    return hashlib.sha256(spelled.encode()).hexdigest()[:DIGEST_LETTERS]


def is_name(text: str) -> bool:
    """Whether a text of an address is the name of a list.

    >>> is_name("~" + "0a" * 16), is_name("12.7")
    (True, False)
    """
    name = text.removeprefix(KEPT_MARK)
    return (
        text.startswith(KEPT_MARK) and len(name) == DIGEST_LETTERS and all(sign in "0123456789abcdef" for sign in name)
    )


def parse_keys(text: str) -> tuple[int, ...]:
    """Return the accounts that a text spells out, each once; raises BadInput where it holds none or too many."""
    parts = [part for part in text.split(".") if part and text != "none"]
    if any(not (part.isascii() and part.isdigit() and len(part) < 16) for part in parts):
        raise BadInput(
            Words(f"地址里的账号“{text[:40]}”不是编号。", f"{text[:40]!r} in the address is no list of accounts."),
            mend=Words("请从页面上重新打开。", "Open the plan from its page again."),
        )
    keys = tuple(dict.fromkeys(int(part) for part in parts))
    if len(keys) > MOST_KEYS:
        raise BadInput(
            Words(f"一个方案最多 {MOST_KEYS:,} 个账号。", f"A plan holds {MOST_KEYS:,} accounts at most."),
            mend=Words("请分成几个方案。", "Make several plans."),
        )
    return keys

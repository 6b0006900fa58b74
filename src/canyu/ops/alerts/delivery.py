"""Sends a text to an address that only the environment knows; neither pages nor logs ever see the address."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from canyu.kit.words import Words

PREFIX = "CANYU_ALERT_"
NAME = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
NO_ADDRESS, UNUSABLE, REFUSED = "no_address", "unusable", "refused"
FAULTS = {
    NO_ADDRESS: Words("运行检查的环境里没有这个地址", "the environment of the check has no such address"),
    UNUSABLE: Words("地址的写法不对", "the address cannot be read"),
    REFUSED: Words("对方没有收下，或联系不上", "it was refused, or could not be reached"),
}


def list_address_names(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return the names of the addresses that this process has.

    >>> list_address_names({"CANYU_ALERT_WECOM": "wecombot://key", "CANYU_LAKE": "x", "CANYU_ALERT_": "y"})
    ['WECOM']
    """
    names = (name.removeprefix(PREFIX) for name, value in environment.items() if name.startswith(PREFIX) and value)
    return sorted(name for name in names if NAME.fullmatch(name))


def send_text(name: str, title: str, text: str, environment: Mapping[str, str] = os.environ) -> str:
    """Send a text to the address of this name; return "" once it was taken, else the code of the fault."""
    address = environment.get(PREFIX + name, "")
    if not address:
        return NO_ADDRESS
    import apprise  # half a second that only a sender pays

    with write_no_log():
        sender = apprise.Apprise(asset=apprise.AppriseAsset(secure_logging=True, app_id="Canyu"))
        if not sender.add(address):
            return UNUSABLE
        is_taken = sender.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT)
    return "" if is_taken else REFUSED


@contextmanager
def write_no_log() -> Iterator[None]:
    """Write nothing into any log: the libraries that send put the address, which is a secret, into theirs."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)

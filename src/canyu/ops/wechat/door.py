"""The raw room of the vendor's calls: the engine's door over this room's rows, past Django's pages."""

from __future__ import annotations

from django.db import close_old_connections

from canyu.care.wechat import Account, DoorLimits, WeChatDoor
from canyu.ops.wechat.errors import AccountUnusable
from canyu.ops.wechat.inbox.actions import CallBook, PushBox
from canyu.ops.wechat.queries import find_account

PREFIX = "/wechat/"
LIMITS = DoorLimits(most_at_once=16)  # each call at once holds a connection to the database


class AccountBook:
    """The accounts that are switched on."""

    def find(self, name: str) -> Account | None:
        """Return the account of a name, None where there is none."""
        close_old_connections()  # the first thing of each call, in its thread: no request of Django tidies up there
        try:
            return find_account(name)
        except AccountUnusable as fault:  # a fault of ours: the vendor shall send it again
            raise RuntimeError(str(fault)) from fault


def open_door() -> WeChatDoor:
    """Return the door for ``/wechat/ACCOUNT/``."""
    return WeChatDoor(AccountBook(), PushBox(), CallBook(), LIMITS)

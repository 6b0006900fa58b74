"""What can go wrong in the room of WeChat, in the tree of ``canyu.kit.errors``; the vendor's own are in the engine."""

from __future__ import annotations

from canyu.kit.errors import BadInput, Conflict


class AccountUnusable(BadInput):
    """An account cannot be kept as it is, or its secrets cannot be read any more."""

    code = "wechat_account_unusable"


class NobodyThere(Conflict):
    """A message would reach nobody: no conversation belongs to the case, or the user does not follow any more."""

    code = "wechat_nobody_there"


class NotStuck(Conflict):
    """Only what was refused, or what nobody knows of, is sent again."""

    code = "wechat_not_stuck"

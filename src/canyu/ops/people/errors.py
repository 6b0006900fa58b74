"""What can go wrong with accounts, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, Conflict


class NameTaken(Conflict):
    """Somebody has this user name already."""

    code = "name_taken"


class NameUnusable(BadInput):
    """The user name has signs that a name may not have."""

    code = "name_unusable"


class OwnAccount(Conflict):
    """People may not close their own account or reset their own password from the list."""

    code = "own_account"

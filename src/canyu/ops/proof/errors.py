"""What can go wrong with claims, targets and mails, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, Conflict


class ClaimsUnusable(BadInput):
    """A file of claims cannot be kept as it is."""

    code = "claims_unusable"


class RunPending(Conflict):
    """The file is being checked already."""

    code = "claims_being_checked"

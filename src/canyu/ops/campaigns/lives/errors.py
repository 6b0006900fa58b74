"""What can go wrong with live sessions, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, Conflict


class SessionUnusable(BadInput):
    """A session, mark or minute cannot be kept as it is."""

    code = "session_unusable"


class SessionFixed(Conflict):
    """What a session stated is fixed from its start on, or it does not stand where this step begins."""

    code = "session_fixed"

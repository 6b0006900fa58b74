"""What can go wrong with short links, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, Conflict


class CodeTaken(Conflict):
    """Another link has this code, or had it."""

    code = "code_taken"


class LinkUnusable(BadInput):
    """A link's code or target cannot be used."""

    code = "link_unusable"

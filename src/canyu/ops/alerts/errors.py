"""What can go wrong with alerts, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, Conflict


class RuleNameTaken(Conflict):
    """Another rule has this name."""

    code = "rule_name_taken"


class NoteMissing(BadInput):
    """An alert is closed with a word on what became of it."""

    code = "note_missing"

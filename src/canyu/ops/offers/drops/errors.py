"""What can go wrong with drops, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, Conflict


class DropUnusable(BadInput):
    """The definition of a drop cannot be used."""

    code = "drop_unusable"


class WrongState(Conflict):
    """The drop or the claim does not stand where this step begins."""

    code = "wrong_state"


class SecondPersonNeeded(Conflict):
    """Who defined a drop may not be the one who releases it."""

    code = "second_person_needed"

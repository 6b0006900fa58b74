"""What can go wrong with fans, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, Conflict


class SamePerson(Conflict):
    """Two identifiers are one person already."""

    code = "same_person"


class WrongStep(Conflict):
    """A merge or a request cannot take this step from where it stands, or somebody else took one meanwhile."""

    code = "wrong_step"


class SecondPersonNeeded(Conflict):
    """Who asked for an erasure is not the one who releases it."""

    code = "second_person_needed"


class NotConfirmed(BadInput):
    """What cannot be undone needs the number typed."""

    code = "not_confirmed"


class StillThere(Conflict):
    """Something of an erased person is left, or comes in again and again; the erasure goes on when it is repeated."""

    code = "still_there"

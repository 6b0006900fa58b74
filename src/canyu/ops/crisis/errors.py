"""What can go wrong in the crisis room, in the tree of ``canyu.kit.errors``; those of a run are in ``care``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, CanyuError, Conflict


class RunChanged(Conflict):
    """Somebody else wrote to the run at the same moment, or the case has an open run already."""

    code = "run_changed"


class CaseUnfit(BadInput):
    """The case is of no kind that a crisis is made of."""

    code = "case_unfit"


class StatementChanged(Conflict):
    """The statement has a newer version than the one that somebody read."""

    code = "statement_changed"


class OwnStatement(CanyuError):
    """Nobody releases what they wrote themselves."""

    code = "own_statement"
    status = 403


class FileUnfit(BadInput):
    """A file is of a kind that no statement carries, or is not what its name says."""

    code = "file_unfit"


class SlugTaken(Conflict):
    """Another statement has the address."""

    code = "slug_taken"

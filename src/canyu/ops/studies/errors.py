"""What can go wrong with studies, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, Conflict


class StudyUnfit(BadInput):
    """A study lacks its name, or its text is too long."""

    code = "study_unfit"


class StudyChanged(Conflict):
    """Another study has the name, or somebody else changed this one meanwhile."""

    code = "study_changed"

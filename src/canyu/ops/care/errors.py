"""What can go wrong with cases, in the tree of ``canyu.kit.errors``; the rules of a case have theirs in ``care``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, Conflict


class CaseChanged(Conflict):
    """Somebody else wrote to the case at the same moment."""

    code = "case_changed"


class MentionTaken(Conflict):
    """The post is in a case already."""

    code = "mention_taken"


class NothingSaid(BadInput):
    """A case and a message need words."""

    code = "nothing_said"


class CareUnfit(BadInput):
    """A calendar, policy or agent cannot be used as it is written."""

    code = "care_unfit"


class NameTaken(Conflict):
    """Somebody else kept the same name or version first."""

    code = "care_name_taken"


class TooManyComplaints(Conflict):
    """Too much comes from one network, or a program sent the form."""

    code = "too_many_complaints"
    status = 429

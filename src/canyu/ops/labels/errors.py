"""What can go wrong with corrections, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, Conflict


class NotLabelled(BadInput):
    """A correction needs one of the three labels, and a post in Chinese with words in it."""

    code = "not_labelled"


class TooManyAtOnce(Conflict):
    """Others are retraining at this moment."""

    code = "too_many_at_once"

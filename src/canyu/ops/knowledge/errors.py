"""What can go wrong with articles and talks, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, CanyuError, Conflict


class ArticleChanged(Conflict):
    """Somebody else published or withdrew the article first."""

    code = "article_changed"


class ArticleUnfit(BadInput):
    """Articles of a file cannot be kept as they are."""

    code = "article_unfit"


class NothingAsked(BadInput):
    """A question, or a consent, is missing."""

    code = "nothing_asked"


class TooManyQuestions(CanyuError):
    """A program seems to have sent a form, or one network asks too much at once."""

    code = "too_many_questions"
    status = 429

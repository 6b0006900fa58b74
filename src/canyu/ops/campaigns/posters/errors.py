"""What can go wrong with posters, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, CanyuError, Conflict


class LinkTooLong(BadInput):
    """A link would make a QR code too fine to be read from a small picture."""

    code = "link_too_long"


class DesignUnfit(Conflict):
    """A design cannot be shown to the public yet."""

    code = "design_unfit"


class FontsMissing(CanyuError):
    """The fonts of the posters were not installed."""

    code = "fonts_missing"
    status = 503

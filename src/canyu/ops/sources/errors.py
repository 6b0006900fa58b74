"""What can go wrong with sources, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, Conflict


class SourceNameTaken(Conflict):
    """Another source has this name, or had it."""

    code = "source_name_taken"


class SourceUnusable(BadInput):
    """A setting of a source cannot be used."""

    code = "source_unusable"


class AddressRefused(BadInput):
    """A webhook may not go to this address."""

    code = "address_refused"

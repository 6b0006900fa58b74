"""How an address becomes a view of aspects, storylines or topics; pure, no lake, no database."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from canyu.kit.errors import BadInput
from canyu.listen.aspects import load_taxonomy

WITHOUT_COPIES = "without"


def parse_copies(params: Mapping[str, str]) -> bool:
    """Return whether copies are to be left out; raises BadInput for a word that says neither."""
    return _choose(params, "copies", (WITHOUT_COPIES,)) == WITHOUT_COPIES


def parse_domain(params: Mapping[str, str]) -> str:
    """Return the kind of product whose aspects are shown, empty for all; raises BadInput for one there is not."""
    return _choose(params, "domain", [domain.id for domain in load_taxonomy().domains])


def _choose(params: Mapping[str, str], name: str, allowed: tuple[str, ...] | list[str]) -> str:
    value = params.get(name, "")
    if value and value not in allowed:
        raise BadInput(
            _("%(name)s=%(text)s is unknown.") % {"name": name, "text": repr(value[:40])},
            mend=_("Use one of: %s.") % ", ".join(allowed),
        )
    return value

"""The only place that changes short links."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from canyu.ops.config import load_config
from canyu.ops.links import queries
from canyu.ops.links.errors import CodeTaken
from canyu.ops.links.models import LinkDay, ShortLink
from canyu.ops.links.rules import LinkDraft, check_code, check_target, make_code, read_note
from canyu.ops.people.models import Person

TRIES = 5
logger = logging.getLogger("canyu.links")


def create_link(who: str, draft: LinkDraft, now: datetime) -> ShortLink:
    """Make a short link. Raises LinkUnusable, or CodeTaken where a chosen code is another link's."""
    target = check_target(draft.target, load_config().link_targets)
    chosen = check_code(draft.code) if draft.code else ""
    for _turn in range(TRIES):
        row = ShortLink(
            code=chosen or make_code(),
            target=target,
            title=draft.title,
            campaign=draft.campaign,
            market=draft.market,
            channel=draft.channel,
            parent=draft.parent,
            expires_at=draft.expires_at,
            made_by=who,
            made_at=now,
            changed_at=now,
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            if chosen:
                break
            continue
        return row
    raise CodeTaken(_("Another link has this code."), mend=_("Choose another one, or leave it empty."))


def switch_link(viewer: Person, link_id: int, is_on: bool, now: datetime) -> ShortLink:
    """Switch a link on or off; holds within seconds."""
    row = queries.get_link(viewer, link_id)
    row.is_on, row.changed_at = is_on, now
    row.save(update_fields=["is_on", "changed_at"])
    logger.info("%s switched the link %s %s", viewer.username, row.code, "on" if is_on else "off")
    return row


def retire_links(links: Iterable[ShortLink], now: datetime) -> int:
    """Switch links of somebody who is forgotten off for good: they keep neither target nor parent. Return how many."""
    gone = [link.pk for link in links]
    changes = {"is_on": False, "target": "", "title": "", "parent": "", "changed_at": now}
    return ShortLink.objects.filter(pk__in=gone).update(**changes)


def count_clicks(notes: Mapping[str, int]) -> None:
    """Add visits to their links' days; the notes are those of ``rules.write_note``, others are passed over."""
    for note, n in notes.items():
        found = read_note(note)
        if found is None:
            continue
        code, day, outcome = found
        row, _is_new = LinkDay.objects.get_or_create(code=code, day=date.fromisoformat(day), outcome=outcome)
        LinkDay.objects.filter(pk=row.pk).update(n=F("n") + n)

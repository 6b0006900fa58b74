"""The only place that makes a case of somebody on the watch list, with the evidence attached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from canyu.care import Audience, CaseKind
from canyu.kit.errors import CanyuError
from canyu.ops.care import actions
from canyu.ops.care.actions import Message
from canyu.ops.care.errors import NothingSaid
from canyu.ops.care.models import Case, Channel
from canyu.ops.care.rules import CaseDraft, MentionDraft
from canyu.ops.care.watching.queries import Watched, get_watched
from canyu.ops.insight.queries import read_post
from canyu.ops.lakes import LakeFacts
from canyu.ops.people.models import Person

MOST_POSTS = 50


def open_watch_case(
    viewer: Person, kol_id: int, facts: LakeFacts | None, days: Mapping[str, str], now: datetime
) -> Case:
    """Open a rumour's case of every post that speaks against a watched KOL; one that is there is gone on with.

    The posts become its mentions; why the KOL is watched and what the queue said of each claim become a message inside.
    Raises NotFound, and NothingSaid where no post can be read.
    """
    watched = get_watched(viewer, kol_id, facts, days)
    mentions = _read_mentions(viewer, watched)
    if not mentions:
        raise NothingSaid(
            _("None of the posts can be read any more."), mend=_("Name posts of the lake on the watch list.")
        )
    first, *rest = mentions
    reach = sum(each.reach for each in mentions)
    draft = CaseDraft(CaseKind.RUMOUR, first.text, Channel.RUMOUR, reach=reach, mention=first)
    with transaction.atomic():
        opened = actions.open_case(viewer.username, draft, now)
        joined = actions.join_mentions(opened.case.pk, viewer.username, rest, now)
        if opened.is_new or joined:
            actions.say(opened.case.pk, Message(viewer.username, _tell(watched), Audience.INSIDE), now)
    opened.case.refresh_from_db()
    return opened.case


def _read_mentions(viewer: Person, watched: Watched) -> list[MentionDraft]:
    found = []
    for name in watched.posts[:MOST_POSTS]:
        try:
            post = read_post(viewer, name).post
        except CanyuError:  # gone from the lake since
            continue
        if post.text:
            reach = int(post.reposts or 0) + int(post.comments or 0) + int(post.likes or 0)
            actor = str(post.event.get("actor") or "")
            found.append(MentionDraft(post.id, post.text, post.time, actor, reach, is_post=True))
    return found


def _tell(watched: Watched) -> str:
    lines = [_("On the watch list: %(name)s. %(reason)s") % {
        "name": watched.kol.name, "reason": watched.kol.watched_reason
    }]  # fmt: skip
    for trace in watched.traces:
        claim = trace.card.entry.candidate
        told = {
            "chance": f"{100 * claim.probability:.0f}",
            "low": f"{100 * trace.card.entry.interval[0]:.0f}",
            "high": f"{100 * trace.card.entry.interval[1]:.0f}",
            "claim": claim.claim.sentence[:200],
            "wrote": len(trace.wrote),
            "passed": len(trace.passed_on),
        }
        lines.append(
            _("Looks like a rumour: %(chance)s%% (%(low)s to %(high)s%%): “%(claim)s”. Wrote %(wrote)s copies of it, "
              "passed on %(passed)s.") % told
        )  # fmt: skip
    return "\n".join(lines)

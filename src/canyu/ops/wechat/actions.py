"""The only place that forgets people of WeChat: their conversations, pushes and messages on their way."""

from __future__ import annotations

import logging

from django.db import transaction

from canyu.events.suppression import find_erased_actors
from canyu.ops.lakes import get_lake
from canyu.ops.outbox.actions import forget_actors
from canyu.ops.wechat.models import Conversation, Outgoing, Push, PushState

AT_ONCE = 400
logger = logging.getLogger("canyu.wechat")


def forget_erased() -> int:
    """Forget people who were erased from the lake; return how many rows. Safe to repeat.

    What they wrote in cases goes with the cases; here go the conversation with their id at the vendor, what was not
    sent yet, and their pushes as they came. The key of a push stays, a hash: sent again by the vendor it adds nothing.
    """
    persons = list(Conversation.objects.values_list("person", flat=True))
    erased = sorted(find_erased_actors(get_lake().store, sorted(persons))) if persons else []
    forgotten = 0
    for start in range(0, len(erased), AT_ONCE):
        forgotten += _forget(erased[start : start + AT_ONCE])
    if forgotten:
        logger.info("%s rows of WeChat were forgotten", forgotten)
    return forgotten


def _forget(persons: list[str]) -> int:
    with transaction.atomic():
        forget_actors(persons)
        # locked first: a worker that has the conversation ends before, one that comes later finds a new person
        talks = list(Conversation.objects.select_for_update().filter(person__in=persons))
        pushes = 0
        for talk in talks:
            mine = Push.objects.filter(account=talk.account_id, user=talk.user)
            pushes += mine.update(body="", user="", state=PushState.DONE, fault="")
        Outgoing.objects.filter(conversation__in=talks).delete()
        Conversation.objects.filter(pk__in=[each.pk for each in talks]).delete()
    return len(talks) + pushes

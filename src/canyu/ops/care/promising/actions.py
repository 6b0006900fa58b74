"""The only place that changes plans, and that opens a case for a promise that was broken."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from canyu.care.plans import list_openings, parse_plans
from canyu.care.plans.breaches import BY
from canyu.ops.care.actions import open_case
from canyu.ops.care.errors import CareUnfit, NameTaken
from canyu.ops.care.models import Channel, ProductPlan
from canyu.ops.care.policies.queries import list_newest
from canyu.ops.care.promising.queries import find_today, judge_plan
from canyu.ops.care.rules import CaseDraft, MentionDraft
from canyu.ops.people.models import Person

MOST_NAME = 60
logger = logging.getLogger("canyu.care")


def save_plan(viewer: Person, text: str, now: datetime) -> ProductPlan:
    """Keep a plan as the newest version of its product's. Raises BadInput, CareUnfit, NameTaken."""
    product = parse_plans(text).product
    if len(product) > MOST_NAME:
        raise CareUnfit(_("The product's id is too long."), mend=_("Use at most %d characters.") % MOST_NAME)
    with transaction.atomic():
        newest = ProductPlan.objects.filter(name=product).order_by("-number").first()
        if newest is not None and newest.text == text and not newest.is_withdrawn:
            return newest
        number = 1 if newest is None else newest.number + 1
        try:
            with transaction.atomic():
                kept = ProductPlan.objects.create(
                    name=product, number=number, text=text, made_by=viewer.username, made_at=now
                )
        except IntegrityError as error:
            raise NameTaken(
                _("Somebody else kept a version at the same moment."), mend=_("Load the page anew and compare.")
            ) from error
    logger.info("%s kept version %s of the plan of %s", viewer.username, number, product)
    return kept


def withdraw_plan(viewer: Person, product: str) -> None:
    """Take a product's plan out of use; cases that it opened go on."""
    ProductPlan.objects.filter(name=product).update(is_withdrawn=True)
    logger.info("%s withdrew the plan of %s", viewer.username, product)


def open_broken(now: datetime) -> int:
    """Open a case for each breach that nothing mended, once for ever; return how many were opened. Safe to repeat."""
    opened = 0
    for row in list_newest(ProductPlan):
        found = judge_plan(row, find_today(now))
        for key, event, words in list_openings(found.judgements, found.plans.product, now):
            if key in found.cases:
                continue
            told = f"{words.zh}\n{words.en}"  # whoever reads it later reads one of them
            mention = MentionDraft(key, told, now, reach=event.reach)
            draft = CaseDraft(
                event.kind, told, Channel.PROMISE, event.harm, event.product, reach=event.reach, mention=mention
            )
            try:
                opened += open_case(BY, draft, now).is_new
            except IntegrityError:  # another process opened it between the look and the write
                continue
    return opened

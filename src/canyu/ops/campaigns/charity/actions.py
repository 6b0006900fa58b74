"""The only place that changes pledges, payouts and stories: who, when, and the ledger's rows with them."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from canyu.events import Event, Verb, make_event_id
from canyu.kit.jsonio import dump_json
from canyu.ledger import Transfer, Verdict
from canyu.ops.campaigns.actions import Step, change_draft
from canyu.ops.campaigns.charity import queries
from canyu.ops.campaigns.charity.errors import PayoutRefused, PledgeUnusable, StoryUnfit
from canyu.ops.campaigns.charity.gifts.actions import open_accounts
from canyu.ops.campaigns.charity.models import Payout, Pledge, Story, StoryEntry
from canyu.ops.campaigns.charity.rules import PayoutDraft, PledgeDraft, StoryDraft, StoryState
from canyu.ops.campaigns.errors import SecondPersonNeeded, WrongStep
from canyu.ops.campaigns.models import Campaign
from canyu.ops.campaigns.rules import CampaignState
from canyu.ops.ledger.actions import use_ledger
from canyu.ops.outbox.actions import add_event
from canyu.ops.outbox.rules import CONSOLE
from canyu.ops.people.models import Person

logger = logging.getLogger("canyu.campaigns")


def save_pledge(viewer: Person, campaign_id: int, draft: PledgeDraft, now: datetime) -> Pledge:
    """Keep what a draft gives; it goes live with the campaign, released by a second person.

    Raises NotFound, WrongStep, or PledgeUnusable.
    """
    if draft.amount_minor <= 0 or draft.ends_at <= draft.starts_at:
        raise PledgeUnusable(
            _("A pledge needs an amount above zero, and ends after it begins."), mend=_("Correct the pledge.")
        )
    if draft.cap_minor is not None and draft.cap_minor < draft.amount_minor:
        raise PledgeUnusable(_("The cap is smaller than one gift."), mend=_("Raise it, or leave it empty."))
    with change_draft(viewer, campaign_id, Step("pledge_saved", CampaignState.DRAFT), now) as campaign:
        fields = {name: getattr(draft, name) for name in draft.__slots__}
        fields |= {"currency": campaign.currency, "changed_by": viewer.username, "changed_at": now}
        kept, _is_new = Pledge.objects.update_or_create(campaign=campaign, defaults=fields)
    return kept


def drop_pledge(viewer: Person, campaign_id: int, now: datetime) -> None:
    """Take the pledge out of a draft. Raises NotFound or WrongStep."""
    with change_draft(viewer, campaign_id, Step("pledge_dropped", CampaignState.DRAFT), now) as campaign:
        Pledge.objects.filter(campaign=campaign).delete()


def pay_out(viewer: Person, pledge: Pledge, draft: PayoutDraft, now: datetime) -> Payout:
    """Keep a transfer to the recipient, in the ledger and with its receipt's SHA-256; the same receipt pays once.

    Raises PayoutRefused where more would be paid than is owed, or the receipt was entered before.
    """
    receipt_hash = hashlib.sha256(draft.receipt).hexdigest()
    entry = f"charity:{pledge.campaign_id}:paid:{receipt_hash[:32]}"
    with transaction.atomic():
        pledge = _lock_released(pledge)
        if Payout.objects.filter(entry=entry).exists():
            raise PayoutRefused(_("This receipt was entered before."), mend=_("Nothing was changed."))
        accounts = open_accounts(pledge, now)
        transfer = Transfer(entry, accounts.owed, accounts.paid, draft.amount_minor, pledge.currency)
        outcome = use_ledger().apply([transfer], now)[0]
        if outcome.verdict is Verdict.BEYOND_LIMIT:
            raise PayoutRefused(
                _("More would be paid out than is owed."), mend=_("Enter what is owed at most; nothing was changed.")
            )
        outcome.require()
        kept = Payout.objects.create(
            pledge=pledge,
            entry=entry,
            amount_minor=draft.amount_minor,
            paid_on=draft.paid_on,
            receipt_name=draft.receipt_name[:200],
            receipt_hash=receipt_hash,
            note=draft.note,
            made_by=viewer.username,
            made_at=now,
        )
        _tell(pledge.campaign, viewer, ("paid_out", entry), kept.amount_minor, now)
    logger.info("%s entered the payout %s", viewer.username, entry)
    return kept


def write_story(viewer: Person, pledge: Pledge, story_id: int | None, draft: StoryDraft, now: datetime) -> Story:
    """Keep a story, new or changed, with the payouts that it tells of; what is changed waits for a second person.

    Raises NotFound, or StoryUnfit where a payout is told in another story.
    """
    payouts = list(Payout.objects.filter(pledge=pledge, pk__in=draft.payouts))
    with transaction.atomic():
        story = queries.get_story(viewer, pledge, story_id) if story_id else Story(pledge=pledge)
        for name in ("title_zh", "title_en", "text_zh", "text_en"):
            setattr(story, name, getattr(draft, name))
        story.state, story.shown_by, story.shown_at = StoryState.DRAFT, "", None
        story.changed_by, story.changed_at = viewer.username, now
        story.save()
        story.entries.all().delete()
        try:
            with transaction.atomic():
                StoryEntry.objects.bulk_create([StoryEntry(story=story, payout=payout) for payout in payouts])
        except IntegrityError as error:
            raise StoryUnfit(
                _("A payout is told in another story already."), mend=_("Choose others; nothing was changed.")
            ) from error
    return story


def show_story(viewer: Person, story: Story, seen: str, now: datetime) -> None:
    """Let the public see a story, which must be as the viewer saw it (``mark_story``).

    Raises WrongStep, StoryUnfit, or SecondPersonNeeded for who wrote it.
    """
    with transaction.atomic():
        story = Story.objects.select_for_update().get(pk=story.pk)
        if story.state == StoryState.SHOWN:
            raise WrongStep(_("The story is public already."), mend=_("Open the page again."))
        if queries.mark_story(story) != seen:
            raise StoryUnfit(_("The story has changed meanwhile."), mend=_("Look at it again, then show it."))
        if story.changed_by == viewer.username:
            raise SecondPersonNeeded(_("You wrote this story yourself."), mend=_("Ask a second person to show it."))
        if story.pledge.campaign.state not in {CampaignState.LIVE, CampaignState.CLOSED}:
            raise WrongStep(_("The campaign is not public yet."), mend=_("Release the campaign first."))
        story.state, story.shown_by, story.shown_at = StoryState.SHOWN, viewer.username, now
        story.save(update_fields=["state", "shown_by", "shown_at"])
        _tell(story.pledge.campaign, viewer, ("story_shown", str(story.pk)), None, now)


def hide_story(viewer: Person, story: Story, now: datetime) -> None:
    """Take a story off the public page, at once. Raises WrongStep."""
    with transaction.atomic():
        shown = Story.objects.filter(pk=story.pk, state=StoryState.SHOWN)
        if not shown.update(state=StoryState.HIDDEN, shown_by="", shown_at=None):
            raise WrongStep(_("The story is not public."), mend=_("Open the page again."))
        _tell(story.pledge.campaign, viewer, ("story_hidden", str(story.pk)), None, now)


def _lock_released(pledge: Pledge) -> Pledge:
    pledge = Pledge.objects.select_for_update().select_related("campaign").get(pk=pledge.pk)
    if not pledge.campaign.released_by:
        raise WrongStep(_("The campaign is not public yet."), mend=_("Release the campaign first."))
    return pledge


def _tell(campaign: Campaign, viewer: Person, step: tuple[str, str], amount_minor: int | None, now: datetime) -> None:
    what, which = step
    event = Event(
        id=make_event_id(CONSOLE, "charity", str(campaign.pk), what, which, now.isoformat()),
        type=str(Verb.BOOK),
        time=now,
        received=now,
        source=CONSOLE,
        actor=f"staff:{viewer.pk}",
        object=f"charity:{campaign.pk}",
        campaign=campaign.slug,
        value=amount_minor,
        currency=campaign.currency if amount_minor is not None else None,
        props=dump_json({"step": what, "of": which}),
    )
    add_event(event, now)

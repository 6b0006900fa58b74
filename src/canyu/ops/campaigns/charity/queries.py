"""All reads of charity: the sums from the ledger, stories with their rows, and what the public may see."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Prefetch
from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.ops.campaigns.charity.following import READER
from canyu.ops.campaigns.charity.gifts.actions import find_accounts
from canyu.ops.campaigns.charity.models import Gift, Payout, Pledge, Story, StoryEntry, StoryPicture
from canyu.ops.campaigns.charity.rules import GiftState, StoryState
from canyu.ops.campaigns.models import Campaign
from canyu.ops.campaigns.reading.models import Bookmark
from canyu.ops.ledger.queries import open_books
from canyu.ops.people.models import Person


@dataclass(frozen=True, slots=True)
class Sums:
    """What the ledger says of a pledge in minor units, and until when the lake was read; None where it never was.

    ``pledged`` is what was given less what went back: what is owed still and what was paid.
    """

    owed: int
    paid: int
    read_at: datetime | None
    version: int | None

    @property
    def pledged(self) -> int:
        """What was given, less what went back with its order."""
        return self.owed + self.paid


@dataclass(frozen=True, slots=True)
class GiftCounts:
    """How many gifts are in each state."""

    given: int
    returned: int
    beyond: int
    kept: int


@dataclass(frozen=True, slots=True)
class ToldStory:
    """A story, what the ledger's rows behind it add up to, and its pictures that may be shown."""

    story: Story
    amount_minor: int
    payouts: list[Payout]
    pictures: list[StoryPicture]

    @property
    def mark(self) -> str:
        """What tells the story as it stands from itself before or after a change."""
        return mark_story(self.story)


def mark_story(story: Story) -> str:
    """Return what tells a story as it stands from itself before or after a change."""
    return story.changed_at.isoformat()


def find_pledge(campaign: Campaign) -> Pledge | None:
    """Return a campaign's pledge, or None."""
    return Pledge.objects.filter(campaign=campaign).select_related("campaign").first()


def get_pledge(viewer: Person, campaign: Campaign) -> Pledge:  # noqa: ARG001 - reads take the viewer first
    """Return a campaign's pledge; raises NotFound."""
    found = find_pledge(campaign)
    if found is None:
        raise NotFound(_("This campaign gives nothing."), mend=_("Set a pledge while it is a draft."))
    return found


def get_story(viewer: Person, pledge: Pledge, story_id: int) -> Story:  # noqa: ARG001 - reads take the viewer first
    """Return one story of a pledge; raises NotFound."""
    found = Story.objects.filter(pledge=pledge, pk=story_id).select_related("pledge__campaign").first()
    if found is None:
        raise NotFound(_("There is no such story."))
    return found


def measure_pledge(pledge: Pledge) -> Sums:
    """Return the sums of a pledge, from the ledger itself."""
    accounts = find_accounts(pledge)
    place = Bookmark.objects.filter(campaign_id=pledge.campaign_id, reader=READER).first()
    with open_books() as reader:
        found = {one.id: one.balance for one in reader.list_accounts(f"campaign:{pledge.campaign_id}:charity:")}
    read_at, version = (place.read_at, place.version) if place else (None, None)
    return Sums(found.get(accounts.owed, 0), found.get(accounts.paid, 0), read_at, version)


def count_gifts(pledge: Pledge) -> GiftCounts:
    """Return how many gifts are in each state."""
    counts = Counter(dict(pledge.gifts.values_list("state").annotate(Count("pk"))))
    return GiftCounts(
        *(counts[state] for state in (GiftState.GIVEN, GiftState.RETURNED, GiftState.BEYOND, GiftState.KEPT))
    )


def list_gifts(viewer: Person, pledge: Pledge, state: str, most: int) -> list[Gift]:  # noqa: ARG001 - the viewer first
    """Return the newest gifts of one state."""
    return list(pledge.gifts.filter(state=state).order_by("-at", "-pk")[:most])


def list_payouts(viewer: Person, pledge: Pledge) -> list[Payout]:  # noqa: ARG001 - reads take the viewer first
    """Return what was paid out, oldest first."""
    return list(pledge.payouts.order_by("paid_on", "pk").select_related("told_in__story"))


def list_free_payouts(viewer: Person, pledge: Pledge, story: Story | None) -> list[Payout]:
    """Return the payouts that a story may tell of: its own, and those of no other."""
    return [one for one in list_payouts(viewer, pledge) if not hasattr(one, "told_in") or one.told_in.story == story]


def list_stories(pledge: Pledge, *, is_public: bool) -> list[ToldStory]:
    """Return stories, newest first, each with the sum of its rows; the public sees those that were shown.

    A picture that was withdrawn is gone for everybody.
    """
    entries = Prefetch("entries", StoryEntry.objects.select_related("payout").order_by("payout__paid_on", "pk"))
    pictures = Prefetch("pictures", StoryPicture.objects.filter(withdrawn_at=None).order_by("pk"), to_attr="on_show")
    rows = pledge.stories.filter(state=StoryState.SHOWN) if is_public else pledge.stories.all()
    rows = rows.prefetch_related(entries, pictures).order_by("-changed_at", "-pk")
    found = []
    for story in rows:
        payouts = [entry.payout for entry in story.entries.all()]
        found.append(ToldStory(story, sum(one.amount_minor for one in payouts), payouts, story.on_show))
    return found


def find_picture(slug: str, name: str) -> StoryPicture | None:
    """Return a picture that the public may see: of a shown story, and not withdrawn."""
    shown = StoryPicture.objects.filter(withdrawn_at=None, story__state=StoryState.SHOWN)
    return shown.filter(name=name, story__pledge__campaign__slug=slug).first()

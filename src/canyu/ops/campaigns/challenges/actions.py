"""The only place that changes challenges and their entries; every change goes out with its event."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from canyu.events.suppression import find_erased_actors
from canyu.kit.errors import NotFound
from canyu.listen.copycheck import Severity, check_copy
from canyu.ops.campaigns.actions import Step, change_draft
from canyu.ops.campaigns.challenges import events, queries
from canyu.ops.campaigns.challenges.errors import ChallengeUnusable, EntryUnusable, LimitReached
from canyu.ops.campaigns.challenges.media.actions import IMAGES
from canyu.ops.campaigns.challenges.models import Challenge, Entrant, Entry, EntryStep, Vote
from canyu.ops.campaigns.challenges.rules import PART_WORDS, EntryState, Way, find_day, to_us
from canyu.ops.campaigns.challenges.schemas import Asked, ChallengeDraft, EntryDraft
from canyu.ops.campaigns.challenges.scoring.actions import lock_challenge, place_entrants
from canyu.ops.campaigns.errors import ConsentMissing, NotOpen
from canyu.ops.campaigns.models import Consent, Member
from canyu.ops.campaigns.referral.actions import ERASED
from canyu.ops.campaigns.rules import CampaignState
from canyu.ops.lakes import find_missing_posts, get_lake
from canyu.ops.links.rules import is_allowed
from canyu.ops.outbox.actions import forget_actors
from canyu.ops.people.models import Person

PURPOSE = "challenge"
MOST_LETTERS = 500
MOST_NAME = 40
MOST_LINK = 500
ENTRANT = "entrant"
"""Who withdrew an entry, in its history: the entrant, and nobody of the staff."""
AT_ONCE = 400
logger = logging.getLogger("canyu.challenges")


def save_challenge(viewer: Person, campaign_id: int, draft: ChallengeDraft, now: datetime) -> Challenge:
    """Keep the challenge of a draft of a campaign; another way of counting is another version of the rule.

    Raises NotFound, WrongStep where the campaign is no draft any more, or ChallengeUnusable.
    """
    _check_draft(draft)
    rule, version = asdict(draft.rule), 1
    counted = ", ".join(f"{PART_WORDS[part].en}*{weight}" for part, weight in draft.rule.weigh().items())
    with transaction.atomic():
        known = Challenge.objects.select_for_update().filter(campaign_id=campaign_id).first()
        if known is not None:
            version = known.rule_version + (known.weights != rule)
        step = Step("challenge_saved", CampaignState.DRAFT, f"{version}: {counted}")
        values = {name: value for name, value in asdict(draft).items() if name != "rule"}
        values |= {name: list(values[name]) for name in ("hashtags", "ways", "hosts")}
        values |= {"weights": rule, "rule_version": version, "changed_by": viewer.username, "changed_at": now}
        with change_draft(viewer, campaign_id, step, now) as campaign:
            kept, _is_new = Challenge.objects.update_or_create(
                campaign=campaign, defaults=values, create_defaults={**values, "mark": secrets.token_hex(8)}
            )
    return kept


def enter(challenge: Challenge, asked: Asked, draft: EntryDraft, now: datetime) -> Entry:
    """Take an entry of a member in; the same form sent twice is one entry.

    It is shown at once, or waits for a decision where the challenge says so. Raises NotFound where the person is no
    member, NotOpen, ConsentMissing, EntryUnusable, or LimitReached with the instant of the next day.
    """
    _check_entry(challenge, draft)
    picture = IMAGES.keep(draft.picture.small, draft.picture.large) if draft.picture else ""
    try:
        entry = _enter(challenge, asked, draft, picture, now)
    except BaseException:
        IMAGES.drop([picture] if picture else [])
        raise
    if entry.media != picture:
        IMAGES.drop([picture] if picture else [])
    return entry


def withdraw(challenge: Challenge, entry_id: int, person: str, now: datetime) -> Entry:
    """Take one's own entry back: it is shown no more, and its words and image are dropped. Raises NotFound."""
    with transaction.atomic():
        challenge = lock_challenge(challenge.pk)
        entry = queries.get_entry(challenge, entry_id)
        if not person or entry.entrant.person != person:
            raise NotFound(_("There is no such entry."))
        if entry.state == EntryState.WITHDRAWN:
            return entry
        before, gone = entry.state, entry.media
        entry.state, entry.text, entry.link, entry.media = EntryState.WITHDRAWN, "", "", ""
        entry.save(update_fields=["state", "text", "link", "media"])
        record_step(entry, EntryStep(what="withdrawn", before=before, after=entry.state, who=ENTRANT, at=now))
        place_entrants(challenge, [entry.entrant_id])
        transaction.on_commit(partial(IMAGES.drop, [gone] if gone else []))
    return entry


def keep_consent(challenge: Challenge, asked: Asked, now: datetime) -> Member:
    """Return the member that a person is, once they agreed to the notice; who leaves waits until it is kept.

    Inside the transaction of who asks. Raises NotFound or ConsentMissing.
    """
    member = Member.objects.select_for_update().filter(campaign=challenge.campaign, person=asked.person).first()
    if member is None:
        raise NotFound(_("This person does not take part in the campaign."))
    agreed = Consent.objects.filter(member=member, purpose=PURPOSE, withdrawn_at=None)
    if not agreed.exists():
        if not asked.consent:
            raise ConsentMissing(_("Taking part needs your agreement."), mend=_("Tick the box, then send it again."))
        language = asked.language
        Consent.objects.create(member=member, purpose=PURPOSE, text=asked.consent, language=language, given_at=now)
    return member


def record_step(entry: Entry, step: EntryStep) -> EntryStep:
    """Keep what was done to an entry."""
    step.entry = entry
    step.save()
    return step


def forget_person(person: str) -> int:
    """Drop a person's entries with their words and images, and who their votes are from. Returns how many places."""
    with transaction.atomic():
        places = list(Entrant.objects.filter(person=person).order_by("challenge_id"))  # locked in one order
        for place in places:
            challenge = lock_challenge(place.challenge_id)
            gone = [name for name in place.entries.values_list("media", flat=True) if name]
            Entry.objects.filter(entrant=place).delete()
            Entrant.objects.filter(pk=place.pk).update(person=_name_nobody(), name="")
            place_entrants(challenge, [place.pk])
            transaction.on_commit(partial(IMAGES.drop, gone))
        votes = Vote.objects.filter(person=person).update(person=_name_nobody(), network="")
        forget_actors([person])
    return len(places) + votes


def forget_erased() -> int:
    """Forget who was erased from the lake, and entries of posts that are gone from it; safe to repeat. NotFound."""
    persons = set(Entrant.objects.exclude(person__startswith=ERASED).values_list("person", flat=True))
    persons |= set(Vote.objects.exclude(person__startswith=ERASED).values_list("person", flat=True).distinct())
    erased = find_erased_actors(get_lake().store, list(persons))
    forgotten = sum(forget_person(person) for person in sorted(erased))
    missing = find_missing_posts(list(Entry.objects.exclude(post="").values_list("post", flat=True)))
    return forgotten + _forget_posts(missing)


def sweep_pictures(now: datetime) -> int:
    """Delete images that no entry names: left over where a process was killed. Returns how many; safe to repeat."""
    old = IMAGES.list_old(now)
    named = set(Entry.objects.exclude(media="").values_list("media", flat=True)) if old else set()
    IMAGES.drop(old - named)
    return len(old - named)


def find_place(challenge: Challenge, person: str, name: str, now: datetime) -> Entrant:
    """Return a person's place, made where there was none; the name is the one that they gave last, if any.

    Where somebody decides first, a name that everybody sees already stays: nobody has looked at another one.
    """
    entrant, is_new = Entrant.objects.get_or_create(
        challenge=challenge, person=person, defaults={"name": name, "made_at": now}
    )
    stays = challenge.is_decided_first and entrant.score is not None
    if not is_new and name and entrant.name != name and not stays:
        entrant.name = name
        entrant.save(update_fields=["name"])
    return entrant


def _enter(challenge: Challenge, asked: Asked, draft: EntryDraft, picture: str, now: datetime) -> Entry:
    with transaction.atomic():
        challenge = lock_challenge(challenge.pk)
        known = Entry.objects.filter(challenge=challenge, key=draft.key).first()
        if known is not None:
            return known
        if not queries.is_open(challenge, now):
            raise NotOpen(_("The challenge takes no entries at present."), mend=_("See its page for when it is open."))
        member = keep_consent(challenge, asked, now)
        entrant = find_place(challenge, asked.person, draft.name, now)
        day = find_day(now, challenge.zone)
        if queries.count_entries_of_day(entrant, day) >= challenge.most_entries_a_day:
            raise LimitReached(
                _("Today's limit of entries is reached: %s.") % challenge.most_entries_a_day,
                mend=queries.tell_reset(challenge, now),
            )
        entry = Entry.objects.create(
            challenge=challenge,
            entrant=entrant,
            key=draft.key,
            way=draft.way,
            text=draft.text,
            link=draft.link,
            media=picture,
            state=EntryState.PENDING if challenge.is_decided_first else EntryState.SHOWN,
            day=day,
            submitted_at=now,
            reached_us=to_us(now),
        )
        events.tell_entered(challenge.campaign, entry, member)
        place_entrants(challenge, [entrant.pk])
    return entry


def _forget_posts(posts: Collection[str]) -> int:
    forgotten, wanted = 0, sorted(posts)
    for start in range(0, len(wanted), AT_ONCE):
        with transaction.atomic():
            gone = list(Entry.objects.filter(post__in=wanted[start : start + AT_ONCE]))
            Entry.objects.filter(pk__in=[entry.pk for entry in gone]).delete()
            for challenge_id in sorted({entry.challenge_id for entry in gone}):
                mine = {entry.entrant_id for entry in gone if entry.challenge_id == challenge_id}
                place_entrants(lock_challenge(challenge_id), mine)
            forgotten += len(gone)
    return forgotten


def _check_draft(draft: ChallengeDraft) -> None:
    if not draft.hashtags or not draft.ways or not draft.rule.weigh():
        raise ChallengeUnusable(
            _("A challenge needs a hashtag, a way to enter and something that counts."), mend=_("Fill in all three.")
        )
    if draft.closes_at <= draft.opens_at:
        raise ChallengeUnusable(_("The challenge closes before it opens."), mend=_("Choose a later closing."))
    if Way.LINK in draft.ways and not draft.hosts:
        raise ChallengeUnusable(_("No host is named that links may lead to."), mend=_("Name at least one."))
    texts = (draft.rules_zh, draft.rules_en, draft.prizes_zh, draft.prizes_en)
    found = [one for text in texts if text for one in check_copy(text).findings]
    terms = dict.fromkeys(one.term for one in found if one.severity is Severity.BLOCK)
    if terms:
        raise ChallengeUnusable(
            _("Advertising law forbids: %s.") % ", ".join(terms), mend=_("Use other words in rules and prizes.")
        )


def _check_entry(challenge: Challenge, draft: EntryDraft) -> None:
    if draft.way not in challenge.ways or draft.way is Way.POST:
        raise EntryUnusable(_("This challenge takes no such entry."), mend=_("Choose one of the ways on the page."))
    if not draft.name.strip() or len(draft.name) > MOST_NAME:
        raise EntryUnusable(_("The name is missing or too long."), mend=_("Write a name of 1 to 40 characters."))
    if len(draft.text) > MOST_LETTERS:
        raise EntryUnusable(_("The text is too long."), mend=_("Write 500 characters at most."))
    if draft.way is Way.UPLOAD and not draft.text.strip() and draft.picture is None:
        raise EntryUnusable(_("The entry is empty."), mend=_("Add an image or a few words."))
    if draft.picture is not None and Way.UPLOAD not in challenge.ways:
        raise EntryUnusable(_("This challenge takes no images."), mend=_("Send the link alone."))
    if draft.way is Way.LINK and (len(draft.link) > MOST_LINK or not is_allowed(draft.link, challenge.hosts)):
        raise EntryUnusable(
            _("This link cannot be taken."),
            mend=_("Send the public address of a post, beginning with https, on one of: %s.")
            % ", ".join(challenge.hosts),
        )


def _name_nobody() -> str:
    return ERASED + secrets.token_hex(16)

"""The only place that changes cases: opened, folded, answered, paused, solved, merged, split, rated.

Each change appends records, derives the columns and puts its event into the outbox, in one transaction.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from canyu import care
from canyu.care import CaseEvent, CaseKind, ClockName, Harm, Policy, case_events
from canyu.care.folding import WINDOW
from canyu.events import Event
from canyu.events.suppression import find_erased_actors
from canyu.kit.errors import CanyuError
from canyu.kit.words import Words
from canyu.ops.care import queries
from canyu.ops.care.errors import CaseChanged, NothingSaid
from canyu.ops.care.models import FAR, Case, CaseMention, CaseMessage, CaseRecord, Channel, PolicyCopy
from canyu.ops.care.policies.queries import choose_assignee, choose_policy
from canyu.ops.care.records import describe_record, digest_policy, list_policies, load_events
from canyu.ops.care.rules import (
    CaseDraft,
    MentionDraft,
    clean_text,
    describe_columns,
    digest_token,
    make_title,
    make_token,
)
from canyu.ops.care.telling import tell_opening, tell_rating, tell_reply, tell_solution
from canyu.ops.lakes import find_missing_posts, get_lake
from canyu.ops.outbox.actions import add_event, forget_actors
from canyu.ops.people.models import Person
from canyu.ops.wechat.posting.actions import lock_conversation_of, post_answer

CANYU = "canyu"
"""Who writes what nobody did by hand."""
CUSTOMER = "customer"
TEXTS_COMPARED = 20
CASES_COMPARED = 500
AT_ONCE = 500
logger = logging.getLogger("canyu.care")


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """What became of a draft: its case, whether that is a new one, and the secret of its link where it has one."""

    case: Case
    is_new: bool
    token: str = ""


@dataclass(frozen=True, slots=True)
class SplitWish:
    """What is split off: mentions by key, and what the new case is about."""

    keys: tuple[str, ...]
    kind: CaseKind
    harm: Harm


def open_case(by: str, draft: CaseDraft, now: datetime) -> OpenedCase:
    """Open a case with its policy copied, or fold a mention into one that says nearly the same. Raises NothingSaid.

    The same post twice is one case; of two that come at once the second finds the first.
    """
    text = clean_text(draft.text)
    if not text:
        raise NothingSaid(_("There is no text."), mend=_("Write in a few words what it is about."))
    draft = replace(draft, text=text)
    with transaction.atomic():
        _take_turn(draft)
        known = _find_home(draft)
        if known is not None:
            return OpenedCase(_fold(known, by, draft, now), is_new=False)
        token, digest = _name_link(draft)
        case = _create(draft, digest, now)
        events: list[CaseEvent] = [case_events.Opened(now, by, draft.kind, draft.harm, draft.reach, draft.product)]
        events += [case_events.PolicyGiven(now, CANYU, choose_policy(draft.kind))]
        if draft.mention is not None:
            _keep_mention(case, draft.mention)
            events.append(case_events.MentionFolded(now, by, draft.mention.key))
        else:
            # what staff take down is a note: told to nobody, it answers nobody
            audience = care.Audience.CUSTOMER if draft.customer else care.Audience.INSIDE
            message = Message(by, text, audience, is_customer=bool(draft.customer))
            events.append(_keep_message(case, message, now))
        assignee = choose_assignee(draft.skills)
        if assignee:
            events.append(case_events.Assigned(now, CANYU, assignee))
        _append(case, events, now)
        event = tell_opening(case, draft, now)
        if event is not None:
            add_event(event, now)
    logger.info("case %s was opened by %s", case.pk, by)
    return OpenedCase(case, is_new=True, token=token)


def join_mentions(case_id: int, by: str, mentions: Sequence[MentionDraft], now: datetime) -> int:
    """Let mentions that are in no case yet join one, whatever they say; return how many did. Raises NotFound."""
    with transaction.atomic():
        case = lock_case(case_id)
        taken = set(CaseMention.objects.filter(key__in=[each.key for each in mentions]).values_list("key", flat=True))
        free = [each for each in mentions if each.key not in taken]
        for each in free:
            _keep_mention(case, each)
        _append(case, [case_events.MentionFolded(now, by, each.key, each.reach) for each in free], now)
        latest = max([case.mentioned_at, *(each.at for each in free)])
        Case.objects.filter(pk=case.pk).update(mentioned_at=latest)
    return len(free)


@dataclass(frozen=True, slots=True)
class Message:
    """What is said, and to whom."""

    by: str
    text: str
    audience: care.Audience = care.Audience.CUSTOMER
    is_customer: bool = False
    is_automatic: bool = False
    event: Event | None = None
    """What tells the lake of it, where another room has an event of its own for what was said."""


def say(case_id: int, message: Message, now: datetime) -> Case:
    """Add a message; one that answers stops the clocks that wait for it. Raises NotFound, NothingSaid.

    To a customer on WeChat it leaves from here, once; where nothing may be sent to them it is refused and not kept.
    """
    message = replace(message, text=clean_text(message.text))
    if not message.text:
        raise NothingSaid(_("There is no text."), mend=_("Write what you want to say."))
    leaves = message.audience is care.Audience.CUSTOMER and not message.is_customer
    with transaction.atomic():
        talk = lock_conversation_of(case_id) if leaves else None  # before the case, as the room of WeChat does
        case = lock_case(case_id)
        said = _keep_message(case, message, now)
        if leaves and case.channel == Channel.WECHAT:
            post_answer(talk, CaseMessage.objects.get(pk=int(said.message)), now)
        _append(case, [said], now)
        if said.is_answer:
            add_event(message.event or tell_reply(case, said, message.text, now), now)
    return case


def write(case_id: int, make: Callable[[care.Case], Sequence[CaseEvent]], now: datetime) -> Case:
    """Append what is made of the case as it stands. Raises NotFound, and what its rules refuse: nothing is kept."""
    with transaction.atomic():
        case = lock_case(case_id)
        _append(case, make(queries.derive(case.pk, now)), now)
    return case


def pause(viewer: Person, case_id: int, reason: care.PauseReason, until: datetime, now: datetime) -> Case:
    """Let the clock of the solution stand still until a time at the latest; the first response never pauses."""
    return write(case_id, lambda _case: [case_events.Paused(now, viewer.username, reason, until)], now)


def resume(viewer: Person, case_id: int, now: datetime) -> Case:
    """End the pause that lasts."""
    return write(case_id, lambda _case: [case_events.Resumed(now, viewer.username)], now)


def solve(viewer: Person, case_id: int, now: datetime) -> Case:
    """Stop every clock, and ask the customer for a rating where nobody asked before, whatever it will be."""
    with transaction.atomic():
        case = lock_case(case_id)
        state = _append(case, [case_events.Solved(now, viewer.username)], now)
        if case.link_digest and care.needs_rating(state):
            _append(case, [case_events.RatingAsked(now, CANYU)], now)
        add_event(tell_solution(case, now), now)
    return case


def reopen(by: str, case_id: int, reason: str, now: datetime) -> Case:
    """Go on with a case; the time since it was solved counts for no clock."""
    return write(case_id, lambda _case: [case_events.Reopened(now, by, clean_text(reason)[:500])], now)


def assign(viewer: Person, case_id: int, username: str, now: datetime) -> Case:
    """Give a case to somebody, or to whoever has the skills and the least to do where nobody is named."""
    with transaction.atomic():
        case = lock_case(case_id)
        agent = username or choose_assignee(case.skills)
        if not agent:
            raise CaseChanged(
                _("Nobody who is there has the skills and room for it."),
                mend=_("Choose somebody by hand, or change the agents."),
            )
        _append(case, [case_events.Assigned(now, viewer.username, agent)], now)
    return case


def acknowledge(viewer: Person, case_id: int, now: datetime) -> Case:
    """Take the call: the chain stops."""
    return write(case_id, lambda _case: [case_events.Acknowledged(now, viewer.username)], now)


def judge(viewer: Person, case_id: int, judged: tuple[CaseKind, Harm, int], now: datetime) -> Case:
    """Judge a case anew; one of another kind is given that kind's policy, whose clocks count from the opening."""
    kind, harm, reach = judged

    def make(state: care.Case) -> list[CaseEvent]:
        events: list[CaseEvent] = [case_events.Judged(now, viewer.username, kind, harm, reach)]
        if state.kind is not kind:
            events.append(case_events.PolicyGiven(now, CANYU, choose_policy(kind), "judged anew"))
        return events

    return write(case_id, make, now)


def reset_clock(viewer: Person, case_id: int, clock: ClockName, reason: str, now: datetime) -> Case:
    """Begin a clock anew, for a reason that is kept with the name; a breach stays on record."""
    reason = clean_text(reason)[:500]
    return write(case_id, lambda _case: [case_events.ClockReset(now, viewer.username, clock, reason)], now)


def link(viewer: Person, case_id: int, other_id: int, now: datetime) -> Case:
    """Say that two cases have to do with one another."""
    _refuse_itself(case_id, other_id)
    with transaction.atomic():
        for one, other in sorted(((case_id, other_id), (other_id, case_id))):
            _append(lock_case(one), [case_events.LinkedTo(now, viewer.username, str(other))], now)
    return queries.get_case(viewer, case_id)


def merge(viewer: Person, case_id: int, into_id: int, now: datetime) -> Case:
    """Go on with a case in another one, which takes its mentions; who wrote to it keeps their link and its answers."""
    _refuse_itself(case_id, into_id)
    with transaction.atomic():
        first, second = (lock_case(each) for each in sorted((case_id, into_id)))
        case, into = (first, second) if first.pk == case_id else (second, first)
        _append(case, [case_events.MergedInto(now, viewer.username, str(into_id))], now)
        moved = list(case.mentions.order_by("pk"))
        folded = [case_events.MentionFolded(now, viewer.username, row.key, row.reach) for row in moved]
        CaseMention.objects.filter(pk__in=[row.pk for row in moved]).update(case=into)
        _append(into, [*folded, case_events.LinkedTo(now, viewer.username, str(case_id))], now)
    return into


def split(viewer: Person, case_id: int, wish: SplitWish, now: datetime) -> Case:
    """Make a case of its own of some mentions; it has its own clocks from now on."""
    with transaction.atomic():
        case = lock_case(case_id)
        rows = list(case.mentions.filter(key__in=wish.keys).order_by("pk"))
        text = "\n".join(row.text for row in rows) or case.title
        draft = CaseDraft(
            wish.kind,
            text,
            Channel(case.channel),
            wish.harm,
            case.product,
            case.market,
            sum(row.reach for row in rows),
        )
        made = _create(draft, None, now, rows[0].at if rows else now)
        _append(case, [case_events.SplitOff(now, viewer.username, str(made.pk), tuple(row.key for row in rows))], now)
        CaseMention.objects.filter(pk__in=[row.pk for row in rows]).update(case=made)
        events: list[CaseEvent] = [
            case_events.Opened(now, viewer.username, wish.kind, wish.harm, draft.reach, case.product),
            case_events.PolicyGiven(now, CANYU, choose_policy(wish.kind)),
            *(case_events.MentionFolded(now, viewer.username, row.key) for row in rows),
            case_events.LinkedTo(now, viewer.username, str(case_id)),
        ]
        _append(made, events, now)
    return made


def recalculate(viewer: Person, policy: Policy, cases: Sequence[int], now: datetime) -> int:
    """Give open cases a policy as it is now, each in a transaction of its own; return how many were given it."""
    given = 0
    for case_id in cases:
        with transaction.atomic():
            case = lock_case(case_id)
            if case.is_open:
                _append(case, [case_events.PolicyGiven(now, viewer.username, policy, "recalculated")], now)
                given += 1
    logger.info("%s recalculated %s cases by the policy %s", viewer.username, given, policy.name)
    return given


def rate(case_id: int, score: int, words: str, now: datetime) -> Case:
    """Keep the customer's rating, once; their words are a message. Raises BadInput, Conflict."""
    words = clean_text(words)[:2000]
    with transaction.atomic():
        case = lock_case(case_id)
        _append(case, [case_events.Rated(now, CUSTOMER, score)], now)
        if words:
            _append(case, [_keep_message(case, Message(CUSTOMER, words, is_customer=True), now)], now)
        add_event(tell_rating(case, score, words, now), now)
    return case


def lock_case(case_id: int) -> Case:
    """Return a case that nobody else writes to until the transaction ends. Raises NotFound."""
    found = Case.objects.select_for_update().filter(pk=case_id).first()
    return queries.need_case(found)


def append(case: Case, events: Sequence[CaseEvent], now: datetime) -> care.Case:
    """Append to a case that is locked, as the sweep does; its columns follow."""
    return _append(case, events, now)


def keep_copies(policies: Sequence[Policy]) -> None:
    """Keep what policies say, each once."""
    rows = (PolicyCopy(digest=digest, body=body) for digest, body in map(digest_policy, policies))
    PolicyCopy.objects.bulk_create(rows, ignore_conflicts=True)


def forget_erased(now: datetime) -> int:
    """Drop words, contacts and names of erased people and posts; records and clocks stay. Returns how many rows."""
    store = get_lake().store
    asked = set(Case.objects.exclude(person="").values_list("person", flat=True))
    spoke = set(CaseMention.objects.exclude(actor="").values_list("actor", flat=True))
    erased = sorted(find_erased_actors(store, sorted(asked | spoke)))
    posts = list(CaseMention.objects.filter(is_post=True).exclude(text="").values_list("key", flat=True))
    gone = sorted(find_missing_posts(posts))
    forgotten = 0
    for start in range(0, len(erased), AT_ONCE):
        forgotten += _forget_people(erased[start : start + AT_ONCE])
    for start in range(0, len(gone), AT_ONCE):
        forgotten += _forget_mentions(CaseMention.objects.filter(key__in=gone[start : start + AT_ONCE]))
    with transaction.atomic():
        forget_actors(erased)
    if forgotten:
        logger.info("%s rows of cases were forgotten at %s", forgotten, now)
    return forgotten


def _forget_people(erased: Sequence[str]) -> int:
    with transaction.atomic():
        cases = list(Case.objects.filter(person__in=erased).values_list("pk", flat=True))
        # answers to them go too: an agent's answer repeats what they wrote
        words = CaseMessage.objects.filter(case__in=cases, is_erased=False).update(text="", is_erased=True)
        mentions = _forget_mentions(CaseMention.objects.filter(actor__in=erased))
        Case.objects.filter(pk__in=cases).update(
            person="", contact="", title="", link_digest=None, consent={}, opening_event=""
        )
    return len(cases) + words + mentions


def _forget_mentions(rows: object) -> int:
    with transaction.atomic():
        found = list(rows)  # type: ignore[call-overload]  # a query set of mentions
        titles = {row.case_id for row in found}
        CaseMention.objects.filter(pk__in=[row.pk for row in found]).update(text="", actor="")
        Case.objects.filter(pk__in=titles).exclude(mentions__text__gt="").update(title="")
    return len(found)


def _name_link(draft: CaseDraft) -> tuple[str, str | None]:
    if draft.token:
        return draft.token, digest_token(draft.token)
    return make_token() if draft.has_link else ("", None)


def _take_turn(draft: CaseDraft) -> None:
    """Let two mentions of one product come one after the other; SQLite has one writer at a time anyway."""
    if draft.is_foldable and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [zlib.crc32(f"care:{draft.product}".encode())])


def _find_home(draft: CaseDraft) -> Case | None:
    """Return the case that a draft belongs to already: of the same post, or one that says nearly the same."""
    mention = draft.mention
    if mention is None:
        return None
    taken = CaseMention.objects.select_related("case").filter(key=mention.key).first()
    if taken is not None:
        return taken.case
    if not draft.is_foldable:
        return None
    near = Case.objects.filter(
        is_open=True,
        product=draft.product,
        mentioned_at__gte=mention.at - WINDOW,
        mentioned_at__lte=mention.at + WINDOW,
    ).order_by("-mentioned_at")[:CASES_COMPARED]
    cases = {str(row.pk): row for row in near}
    texts: dict[str, list[str]] = {key: [] for key in cases}
    for case_id, text in (
        CaseMention.objects.filter(case__in=list(cases.values())).order_by("-pk").values_list("case_id", "text")
    ):
        if len(texts[str(case_id)]) < TEXTS_COMPARED:
            texts[str(case_id)].append(text)
    candidates = [care.Foldable(key, row.product, tuple(texts[key]), row.mentioned_at) for key, row in cases.items()]
    asked = care.Mention(mention.key, mention.text, draft.product, mention.at, mention.reach)
    found = care.find_case(asked, candidates)
    return cases[found.id] if found else None


def _fold(known: Case, by: str, draft: CaseDraft, now: datetime) -> Case:
    mention = draft.mention
    if mention is None or CaseMention.objects.filter(key=mention.key).exists():
        return known
    case = lock_case(known.pk)
    _keep_mention(case, mention)
    _append(case, [case_events.MentionFolded(now, by, mention.key, mention.reach)], now)
    latest = max(case.mentioned_at, mention.at)
    Case.objects.filter(pk=case.pk).update(mentioned_at=latest)
    case.mentioned_at = latest
    return case


def _create(draft: CaseDraft, digest: str | None, now: datetime, mentioned_at: datetime | None = None) -> Case:
    return Case.objects.create(
        kind=draft.kind.value,
        harm=draft.harm.value,
        severity=1,
        status=care.Status.OPEN.value,
        title=make_title(draft.text),
        product=draft.product[:200],
        market=draft.market[:40],
        channel=draft.channel,
        skills=list(draft.skills),
        opened_at=now,
        mentioned_at=mentioned_at or (draft.mention.at if draft.mention else now),
        burns_at=FAR,
        person=draft.customer,
        contact=draft.contact[:200],
        link_digest=digest,
        consent=draft.consent,
        opening_event=draft.mention.key if draft.mention and draft.mention.is_post else "",
    )


def _keep_mention(case: Case, mention: MentionDraft) -> None:
    CaseMention.objects.create(
        case=case,
        key=mention.key,
        is_post=mention.is_post,
        text=clean_text(mention.text),
        actor=mention.actor,
        at=mention.at,
        reach=mention.reach,
    )


def _keep_message(case: Case, message: Message, now: datetime) -> case_events.Said:
    row = CaseMessage.objects.create(
        case=case,
        audience=message.audience.value,
        by=message.by,
        is_customer=message.is_customer,
        is_automatic=message.is_automatic,
        text=message.text,
        at=now,
    )
    return case_events.Said(now, message.by, str(row.pk), message.audience, message.is_customer, message.is_automatic)


def _append(case: Case, events: Sequence[CaseEvent], now: datetime) -> care.Case:
    """Append records and derive the columns. Raises what the rules refuse, CaseChanged where somebody was first."""
    happened = load_events([case.pk])[case.pk]
    before = len(happened)
    for event in events:
        if happened:  # the opening comes first, and nothing can refuse it
            care.check_event(care.derive_case(happened, now), event)
        happened.append(event)
    keep_copies(list_policies(events))
    rows = [_make_record(case, before + at, event) for at, event in enumerate(events, 1)]
    state = care.derive_case(happened, now)
    columns = describe_columns(state, now)
    try:
        with transaction.atomic():
            CaseRecord.objects.bulk_create(rows)
    except IntegrityError as error:
        raise _tell_changed() from error
    changed = Case.objects.filter(pk=case.pk, records_count=before).update(**columns, records_count=len(happened))
    if not changed:
        raise _tell_changed()
    for name, value in {**columns, "records_count": len(happened)}.items():
        setattr(case, name, value)
    return state


def _make_record(case: Case, sequence: int, event: CaseEvent) -> CaseRecord:
    audience = event.audience if isinstance(event, case_events.Said) else care.Audience.INSIDE
    return CaseRecord(
        case=case,
        sequence=sequence,
        type=event.name,
        at=event.at,
        by=event.by,
        audience=audience.value,
        body=describe_record(event),
    )


def _refuse_itself(one: int, other: int) -> None:
    if one == other:
        raise NothingSaid(
            Words("这是同一张工单。", "That is the same case."),
            mend=Words("请写另一张工单的编号。", "Give the number of another case."),
        )


def _tell_changed() -> CanyuError:
    return CaseChanged(
        Words("工单在此期间被别人改过。", "Somebody else changed the case meanwhile."),
        mend=Words("没有覆盖任何内容。请刷新后再做。", "Nothing was overwritten. Load the page anew and do it again."),
    )

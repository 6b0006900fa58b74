"""Cases for the tests of care: a policy, agents and what people wrote."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from canyu.care import CaseKind, Harm
from canyu.ops.care import actions
from canyu.ops.care.models import Case, Channel
from canyu.ops.care.policies.actions import AgentDraft, PolicyDraft, save_agent, save_policy
from canyu.ops.care.rules import CaseDraft, MentionDraft
from canyu.ops.people.models import Person

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
BROKEN = "电池三天就坏了，客服说不保修"


def complain(now: datetime = NOW, *, text: str = BROKEN, product: str = "su7", has_link: bool = True) -> Case:
    """Open a complaint that came by the form."""
    draft = CaseDraft(
        CaseKind.COMPLAINT,
        text,
        Channel.WEB,
        Harm.MONEY,
        product,
        customer=f"care:{abs(hash(text)):032x}" if has_link else "",
        has_link=has_link,
    )
    return actions.open_case("customer", draft, now).case


def mention(key: str, text: str = BROKEN, at: datetime = NOW, product: str = "su7") -> CaseDraft:
    """Return a rumour as a post brings it."""
    told = MentionDraft(key, text, at, "weibo-1", 1000, is_post=True)
    return CaseDraft(CaseKind.RUMOUR, text, Channel.POST, Harm.NONE, product, reach=1000, mention=told)


def make_policy(viewer: Person, now: datetime = NOW, hours: int = 24, name: str = "all") -> None:
    """Keep a policy for every kind, around the clock."""
    draft = PolicyDraft(name, "", (), 3600, hours * 3600, None, (50, 80, 100, 150), ())
    save_policy(viewer, draft, now)


def make_agent(viewer: Person, now: datetime = NOW, **given: object) -> None:
    """Keep the viewer as an agent."""
    usual: dict[str, object] = {"skills": (), "most_cases": 20, "is_present": True, "roles": (), "calendar": ""}
    save_agent(viewer, AgentDraft(viewer.username, **{**usual, "addresses": (), **given}), now)  # type: ignore[arg-type]

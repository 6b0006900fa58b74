"""The roles of a marketing team, and what each may do; pure, no database."""

from __future__ import annotations

import secrets
from enum import StrEnum

from canyu.kit.words import Words

VIEW_PULSE = "people.view_pulse"
VIEW_POSTS = "people.view_posts"
MANAGE_PEOPLE = "people.manage_people"
VIEW_ALERTS = "alerts.view_alerts"
MANAGE_ALERTS = "alerts.manage_alerts"
CORRECT_LABELS = "labels.correct_labels"
ACTIVATE_MODELS = "labels.activate_models"
VIEW_KOLS = "kols.view_kols"
MANAGE_KOLS = "kols.manage_kols"
APPROVE_PAYMENT = "kols.approve_payment"
VIEW_OFFERS = "offers.view_offers"
MANAGE_OFFERS = "offers.manage_offers"
RELEASE_OFFERS = "offers.release_offers"
REDEEM_OFFERS = "offers.redeem_offers"
VIEW_LEDGER = "ledger.view_ledger"
VIEW_SOURCES = "sources.view_sources"
MANAGE_SOURCES = "sources.manage_sources"
VIEW_LINKS = "links.view_links"
MANAGE_LINKS = "links.manage_links"
VIEW_CAMPAIGNS = "campaigns.view_campaigns"
MANAGE_CAMPAIGNS = "campaigns.manage_campaigns"
RELEASE_CAMPAIGNS = "campaigns.release_campaigns"
VIEW_FANS = "fans.view_fans"
MANAGE_FANS = "fans.manage_fans"
RELEASE_ERASURE = "fans.release_erasure"
VIEW_PROOF = "proof.view_proof"
MANAGE_PROOF = "proof.manage_proof"
SET_TARGETS = "proof.set_targets"
VIEW_STUDIES = "studies.view_studies"
MANAGE_STUDIES = "studies.manage_studies"
VIEW_KNOWLEDGE = "knowledge.view_knowledge"
MANAGE_KNOWLEDGE = "knowledge.manage_knowledge"
VIEW_STATIONS = "stations.view_stations"
MANAGE_STATIONS = "stations.manage_stations"
VIEW_CASES = "care.view_cases"
MANAGE_CASES = "care.manage_cases"
MANAGE_CARE = "care.manage_care"
VIEW_QUEUE = "queue.view_queue"
MANAGE_QUEUE = "queue.manage_queue"
VIEW_WECHAT = "wechat.view_wechat"
MANAGE_WECHAT = "wechat.manage_wechat"
VIEW_CRISIS = "crisis.view_crisis"
MANAGE_CRISIS = "crisis.manage_crisis"
RELEASE_STATEMENTS = "crisis.release_statements"

# Without the letters and digits that are mistaken for one another (0 o, 1 l i): people type these from a terminal.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
ONE_TIME_GROUPS, ONE_TIME_GROUP_LETTERS = 4, 4


class Role(StrEnum):
    """What a person does in the team; each is a group in the database."""

    MARKETING_LEAD = "marketing_lead"
    SOCIAL_ANALYST = "social_analyst"
    KOL_MANAGER = "kol_manager"
    CAMPAIGN_MANAGER = "campaign_manager"
    CARE_AGENT = "care_agent"
    PR_OFFICER = "pr_officer"
    DATA_ANALYST = "data_analyst"


ROLE_NAMES: dict[Role, Words] = {
    Role.MARKETING_LEAD: Words("市场负责人", "Marketing lead"),
    Role.SOCIAL_ANALYST: Words("舆情分析师", "Social analyst"),
    Role.KOL_MANAGER: Words("达人经理", "KOL manager"),
    Role.CAMPAIGN_MANAGER: Words("活动经理", "Campaign manager"),
    Role.CARE_AGENT: Words("客户关怀", "Care agent"),
    Role.PR_OFFICER: Words("公关值班", "PR officer"),
    Role.DATA_ANALYST: Words("数据分析师", "Data analyst"),
}

# Who holds each permission. Care agents answer people: they need the posts, not the brand's figures.
HOLDERS: dict[str, frozenset[Role]] = {
    VIEW_PULSE: frozenset(Role) - {Role.CARE_AGENT},
    VIEW_POSTS: frozenset(Role),
    VIEW_ALERTS: frozenset({Role.MARKETING_LEAD, Role.SOCIAL_ANALYST, Role.DATA_ANALYST, Role.PR_OFFICER}),
    MANAGE_ALERTS: frozenset({Role.MARKETING_LEAD, Role.PR_OFFICER}),
    CORRECT_LABELS: frozenset({Role.MARKETING_LEAD, Role.SOCIAL_ANALYST, Role.DATA_ANALYST}),
    ACTIVATE_MODELS: frozenset({Role.MARKETING_LEAD}),
    VIEW_KOLS: frozenset(Role) - {Role.CARE_AGENT},
    MANAGE_KOLS: frozenset({Role.MARKETING_LEAD, Role.KOL_MANAGER}),
    APPROVE_PAYMENT: frozenset({Role.MARKETING_LEAD}),
    VIEW_OFFERS: frozenset(Role) - {Role.PR_OFFICER},
    MANAGE_OFFERS: frozenset({Role.MARKETING_LEAD, Role.CAMPAIGN_MANAGER}),
    RELEASE_OFFERS: frozenset({Role.MARKETING_LEAD, Role.CAMPAIGN_MANAGER}),
    REDEEM_OFFERS: frozenset({Role.MARKETING_LEAD, Role.CAMPAIGN_MANAGER, Role.CARE_AGENT}),
    VIEW_LEDGER: frozenset({Role.MARKETING_LEAD, Role.CAMPAIGN_MANAGER, Role.DATA_ANALYST}),
    VIEW_SOURCES: frozenset({Role.MARKETING_LEAD, Role.CAMPAIGN_MANAGER, Role.DATA_ANALYST}),
    MANAGE_SOURCES: frozenset({Role.MARKETING_LEAD, Role.DATA_ANALYST}),
    VIEW_LINKS: frozenset(Role) - {Role.CARE_AGENT},
    MANAGE_LINKS: frozenset({Role.MARKETING_LEAD, Role.CAMPAIGN_MANAGER, Role.KOL_MANAGER}),
    VIEW_CAMPAIGNS: frozenset(Role) - {Role.CARE_AGENT},
    MANAGE_CAMPAIGNS: frozenset({Role.MARKETING_LEAD, Role.CAMPAIGN_MANAGER}),
    RELEASE_CAMPAIGNS: frozenset({Role.MARKETING_LEAD, Role.CAMPAIGN_MANAGER}),
    VIEW_FANS: frozenset({Role.MARKETING_LEAD, Role.CARE_AGENT, Role.DATA_ANALYST}),
    MANAGE_FANS: frozenset({Role.MARKETING_LEAD, Role.CARE_AGENT}),
    RELEASE_ERASURE: frozenset({Role.MARKETING_LEAD, Role.DATA_ANALYST}),
    VIEW_PROOF: frozenset(Role) - {Role.CARE_AGENT},
    MANAGE_PROOF: frozenset({Role.MARKETING_LEAD, Role.DATA_ANALYST}),
    SET_TARGETS: frozenset({Role.MARKETING_LEAD}),
    VIEW_KNOWLEDGE: frozenset({Role.MARKETING_LEAD, Role.CARE_AGENT, Role.PR_OFFICER, Role.DATA_ANALYST}),
    MANAGE_KNOWLEDGE: frozenset({Role.MARKETING_LEAD, Role.CARE_AGENT, Role.PR_OFFICER}),
    VIEW_STATIONS: frozenset({Role.MARKETING_LEAD, Role.CARE_AGENT, Role.CAMPAIGN_MANAGER}),
    MANAGE_STATIONS: frozenset({Role.MARKETING_LEAD, Role.CARE_AGENT}),
    VIEW_STUDIES: frozenset(Role) - {Role.CARE_AGENT},
    MANAGE_STUDIES: frozenset(
        {Role.MARKETING_LEAD, Role.DATA_ANALYST, Role.SOCIAL_ANALYST, Role.CAMPAIGN_MANAGER, Role.KOL_MANAGER}
    ),
    VIEW_CASES: frozenset({Role.MARKETING_LEAD, Role.CARE_AGENT, Role.PR_OFFICER, Role.DATA_ANALYST}),
    MANAGE_CASES: frozenset({Role.MARKETING_LEAD, Role.CARE_AGENT, Role.PR_OFFICER}),
    MANAGE_CARE: frozenset({Role.MARKETING_LEAD}),
    VIEW_QUEUE: frozenset({Role.MARKETING_LEAD, Role.DATA_ANALYST}),
    MANAGE_QUEUE: frozenset({Role.MARKETING_LEAD, Role.DATA_ANALYST}),
    VIEW_WECHAT: frozenset({Role.MARKETING_LEAD, Role.CARE_AGENT, Role.PR_OFFICER}),
    MANAGE_WECHAT: frozenset({Role.MARKETING_LEAD}),
    VIEW_CRISIS: frozenset(Role) - {Role.CAMPAIGN_MANAGER},
    MANAGE_CRISIS: frozenset({Role.MARKETING_LEAD, Role.PR_OFFICER}),
    RELEASE_STATEMENTS: frozenset({Role.MARKETING_LEAD, Role.PR_OFFICER}),
}
ROLE_PERMISSIONS: dict[Role, frozenset[str]] = {
    role: frozenset(permission for permission, holders in HOLDERS.items() if role in holders) for role in Role
}


def make_one_time_password() -> str:
    """Return a fresh password of 79 bits in four groups, for one sign-in only."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(ONE_TIME_GROUP_LETTERS)) for _ in range(ONE_TIME_GROUPS))
    return "-".join(groups)

"""KOL accounts that do not exist: who they are, who follows them, what they post and how they grew; all of it known."""

from canyu.rehearse.kols.audience import Audience, build_audience
from canyu.rehearse.kols.authors import give_posts, redirect_reposters
from canyu.rehearse.kols.cast import Cast, build_cast
from canyu.rehearse.kols.history import observe_kols
from canyu.rehearse.kols.roster import FOLLOWS_SCHEMA, ROSTER_SCHEMA, build_follows, build_roster, write_roster

__all__ = [
    "FOLLOWS_SCHEMA",
    "ROSTER_SCHEMA",
    "Audience",
    "Cast",
    "build_audience",
    "build_cast",
    "build_follows",
    "build_roster",
    "give_posts",
    "observe_kols",
    "redirect_reposters",
    "write_roster",
]

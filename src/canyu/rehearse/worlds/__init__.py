"""Small worlds whose truth is planted, each drawn in milliseconds: the judge of every interval that is measured."""

from canyu.rehearse.worlds.arms import CommunityWorld, PeopleWorld, draw_communities, draw_days, draw_hours, draw_people
from canyu.rehearse.worlds.buyers import (
    BuyersWorld,
    draw_dying_buyers,
    draw_leaving_buyers,
    draw_spending,
    draw_yearly_buyers,
)
from canyu.rehearse.worlds.crowds import Sharing, draw_amounts, draw_answers, draw_share, draw_sharing
from canyu.rehearse.worlds.panels import PanelPlan, PanelWorld, draw_panel
from canyu.rehearse.worlds.paths import PathWorld, draw_paths
from canyu.rehearse.worlds.told import (
    get_day,
    name_world,
    tell_buyers,
    tell_events,
    tell_experiment,
    tell_funnels,
    tell_journeys,
    tell_panels,
    tell_returning,
    tell_sharing,
)

__all__ = [
    "BuyersWorld",
    "CommunityWorld",
    "PanelPlan",
    "PanelWorld",
    "PathWorld",
    "PeopleWorld",
    "Sharing",
    "draw_amounts",
    "draw_answers",
    "draw_communities",
    "draw_days",
    "draw_dying_buyers",
    "draw_hours",
    "draw_leaving_buyers",
    "draw_panel",
    "draw_paths",
    "draw_people",
    "draw_share",
    "draw_sharing",
    "draw_spending",
    "draw_yearly_buyers",
    "get_day",
    "name_world",
    "tell_buyers",
    "tell_events",
    "tell_experiment",
    "tell_funnels",
    "tell_journeys",
    "tell_panels",
    "tell_returning",
    "tell_sharing",
]

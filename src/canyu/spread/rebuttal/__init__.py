"""Rebuttals: whom to ask to speak against a rumour that is spreading, and what that would have saved."""

from __future__ import annotations

from canyu.spread.rebuttal.cases import TIE_SCHEMA, Case, learn_ties, read_case
from canyu.spread.rebuttal.habits import CED_HABITS, Habits, fit_habits
from canyu.spread.rebuttal.planning import Board, Plan, Situation, plan_rebuttal, set_board
from canyu.spread.rebuttal.replay import Replay, foresee_saved, make_pace, replay_plan
from canyu.spread.rebuttal.story import Asked, Choice, Story, describe_story, price_by_activity, tell_story

__all__ = [
    "CED_HABITS",
    "TIE_SCHEMA",
    "Asked",
    "Board",
    "Case",
    "Choice",
    "Habits",
    "Plan",
    "Replay",
    "Situation",
    "Story",
    "describe_story",
    "fit_habits",
    "foresee_saved",
    "learn_ties",
    "make_pace",
    "plan_rebuttal",
    "price_by_activity",
    "read_case",
    "replay_plan",
    "set_board",
    "tell_story",
]

"""The demo's studies: an experiment with simulated visitors, and the rehearsed regional test as a lift study."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
import ibis.expr.types as ir
import numpy as np
from django.db import transaction

from canyu.commands.demo_campaigns import WRITER, ZONE
from canyu.events import Event, Verb, build_event_table, open_lake
from canyu.kit.clock import get_now
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say
from canyu.measure.experiments import Experiment, assign
from canyu.measure.experiments.experiment_file import parse_experiments
from canyu.measure.facts import Reader
from canyu.ops.studies.actions import save_study
from canyu.ops.studies.models import Study
from canyu.ops.studies.rules import Kind, StudyDraft
from canyu.rehearse.settings import load_settings

if TYPE_CHECKING:
    from canyu.events import Lake

SEED = 7
BOOKED, MORE = 0.06, 0.08
"""How many visitors book a drive, and how many more of those who see the short form: what was planted."""
EXPERIMENT = """format: 1
experiments:
  # 彩排：访客是模拟的，效果是埋好的（多 8 个百分点）。 Rehearsed: the visitors are simulated, and 8 points are planted.
  - name: short-booking-form
    unit: person
    arms: [{name: control, weight: 0.5}, {name: short-form, weight: 0.5}]
    start: %(start)s
    end: %(end)s
    outcomes:
      - {name: booked, label: {zh: 预约试驾, en: booked a drive}, event: book, kind: proportion}
      - {name: orders, label: {zh: 下单, en: orders placed}, event: order}
"""
LIFT = """format: 1
# 彩排：模拟的市场，效果是埋好的。 Rehearsed: a simulated market with a planted effect.
id: %(id)s
name: {zh: %(zh)s（模拟）, en: %(en)s (simulated)}
kind: did
outcome: {event: order, object: %(product)s, unit: props.region}
treated: [%(treated)s]
first: %(first)s
start: %(start)s
end: %(end)s
untouched: the rehearsal places ads in the treated provinces alone
"""


def stage_studies(year: int, path: Path) -> None:
    """Keep an experiment and a lift study on the rehearsed year, both or none, unless they are kept already.

    What the visitors of the experiment do is appended to the lake first, under ids that are the same each time: a
    demo that is killed in between goes on, and nothing is in the lake twice.
    """
    text = write_experiment(year)
    names = {Kind.EXPERIMENT: "试驾预约短表单（模拟） · Short booking form (simulated)", Kind.LIFT: _name_lift()}
    if Study.objects.filter(name__in=names.values()).count() == len(names):
        return
    experiment = next(iter(parse_experiments(text).values()))
    lake = open_lake(path)
    events = list(list_exposed(experiment, list_visitors(lake, experiment)))
    if events:
        lake.append(build_event_table(events))
    now = get_now()
    with transaction.atomic():
        for kind, told in ((Kind.EXPERIMENT, text), (Kind.LIFT, write_lift(year))):
            if not Study.objects.filter(kind=kind, name=names[kind]).exists():
                save_study(WRITER, StudyDraft(kind, names[kind], told), now)
    click.echo(say("  实验与增量研究各一个（模拟）", "  one experiment and one lift study (simulated)"))


def write_experiment(year: int) -> str:
    """Return the design of the experiment: eight weeks up to the end of July."""
    start = datetime(year, 6, 3, tzinfo=ZoneInfo(ZONE))
    return EXPERIMENT % {"start": start.isoformat(), "end": (start + timedelta(days=56)).isoformat()}


def write_lift(year: int) -> str:
    """Return the design of the rehearsed regional test."""
    plan = load_settings("campaigns")["geo"]
    start = datetime.strptime(f"{year}-{plan['start']}", "%Y-%m-%d %H:%M").date()  # noqa: DTZ007 - a day of the zone
    return LIFT % {
        "id": plan["id"],
        **plan["name"],
        "product": plan["product"],
        "treated": ", ".join(plan["treated"]),
        "first": start - timedelta(days=81),
        "start": start,
        "end": start + timedelta(days=int(plan["days"]) - 1),
    }


def list_visitors(lake: Lake, experiment: Experiment) -> list[tuple[str, datetime]]:
    """Return who first visited in the experiment's time, and when; in order of their names."""
    reader = Reader(lake)
    if "events" not in reader.versions:
        return []
    rows = reader.ask(find_visitors, "events", experiment).table
    return [(row["actor"], row["first"]) for row in rows.to_pylist()]


def find_visitors(events: ir.Table, experiment: Experiment) -> ir.Table:
    """Find the first visit of each person in the time of an experiment."""
    visits = events.filter(
        events.type == str(Verb.VISIT),
        events.actor.notnull(),
        events.time >= experiment.start,
        events.time < experiment.end,
    )
    return visits.group_by("actor").aggregate(first=visits.time.min()).order_by("actor")


def list_exposed(experiment: Experiment, visitors: list[tuple[str, datetime]]) -> Iterator[Event]:
    """Return what the visitors see, and which of them book a drive within the hour; the same each time."""
    chance = np.random.default_rng(SEED)
    for person, at in visitors:
        given, drawn, minutes = assign(experiment, person), chance.random(), int(chance.integers(2, 50))
        if given is None:
            continue
        yield _tell(Verb.VIEW, experiment, person, at + timedelta(seconds=5), given.object)
        booked_at = at + timedelta(minutes=minutes)
        if drawn < BOOKED + (MORE if given.is_treated else 0.0) and booked_at < experiment.end:
            yield _tell(Verb.BOOK, experiment, person, booked_at, "xiaomi/yu7")


def _tell(verb: Verb, experiment: Experiment, person: str, at: datetime, object_: str) -> Event:
    return Event(
        id=f"demo-{experiment.name}-{verb}-{person}",
        type=str(verb),
        time=at,
        received=at,
        source="rehearsal",
        market="cn",
        channel="site",
        actor=person,
        object=object_,
        props=dump_json({"simulated": True}),
    )


def _name_lift() -> str:
    name = load_settings("campaigns")["geo"]["name"]
    return f"{name['zh']}（模拟） · {name['en']} (simulated)"

"""What is sent as a file beside a plan: every account of every wave, and every account to set against a rumour."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from canyu.kit.words import Words
from canyu.ops.insight.rules import guard_cell
from canyu.ops.kols.planning.amounts import spell_money
from canyu.ops.kols.planning.answers import Ground
from canyu.ops.kols.planning.option_views import name_persons
from canyu.ops.kols.planning.options import RumourFound, WavesFound
from canyu.ops.kols.planning.results import COLUMNS
from canyu.ops.kols.planning.schemas import PlanQuery
from canyu.ops.kols.planning.views import Person

ACCOUNT = tuple(COLUMNS[name] for name in ("name", "platform", "handle", "cost", "currency"))
WAVE = (Words("波次", "wave"), Words("从第几小时", "begins at hour"))


def write_waves_csv(ground: Ground, query: PlanQuery, found: WavesFound, language: str) -> str:
    """Return who posts in which wave as CSV, one account a row in the order of posting."""
    rows = (
        (number, f"{wave.hour_h:g}", *_spell(person, query, language))
        for number, wave in enumerate(found.waves, 1)
        for person in name_persons(ground, query, wave.keys)
    )
    return _write((*WAVE, *ACCOUNT), rows, language)


def write_rumour_csv(ground: Ground, query: PlanQuery, found: RumourFound, language: str) -> str:
    """Return whom to ask to answer a rumour as CSV, one account a row in the order of asking."""
    persons = enumerate(name_persons(ground, query, found.keys), 1)
    rows = ((number, *_spell(person, query, language)) for number, person in persons)
    return _write((COLUMNS["number"], *ACCOUNT), rows, language)


def _spell(person: Person, query: PlanQuery, language: str) -> tuple[object, ...]:
    cost = spell_money(person.cost_minor, query.currency)
    return person.name, person.platform.say(language), person.handle, cost, query.currency


def _write(heads: Sequence[Words], rows: Iterable[Sequence[object]], language: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([head.say(language) for head in heads])
    writer.writerows([guard_cell(cell) for cell in row] for row in rows)
    return out.getvalue()

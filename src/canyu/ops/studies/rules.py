"""The kinds of studies and what they are called; what a text of each kind must be. Pure, no database."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from canyu.kit.words import Words
from canyu.measure.experiments.experiment_file import parse_experiments
from canyu.measure.lift.design_file import parse_design
from canyu.measure.lift.panel_table import PanelColumns, parse_csv, read_panel_table
from canyu.ops.studies.errors import StudyUnfit

MOST_NAME = 120
MOST_LETTERS = 100_000
MOST_TABLE_BYTES = 2 * 1024 * 1024
COLUMNS = PanelColumns()


class Kind(StrEnum):
    """What is asked."""

    FUNNEL = "funnel"
    RETENTION = "retention"
    JOURNEYS = "journeys"
    ATTRIBUTION = "attribution"
    EXPERIMENT = "experiment"
    LIFT = "lift"


NAMES: dict[Kind, Words] = {
    Kind.FUNNEL: Words("漏斗", "Funnel"),
    Kind.RETENTION: Words("留存", "Retention"),
    Kind.JOURNEYS: Words("路径", "Journeys"),
    Kind.ATTRIBUTION: Words("归因", "Attribution"),
    Kind.EXPERIMENT: Words("实验", "Experiments"),
    Kind.LIFT: Words("增量", "Lift"),
}
TITLES: dict[Kind, Words] = {
    Kind.FUNNEL: Words("人们走到哪一步停下？", "Where do people stop?"),
    Kind.RETENTION: Words("他们还会回来吗？", "Do they come back?"),
    Kind.JOURNEYS: Words("下单之前，他们走过哪些路？", "Which ways lead to an order?"),
    Kind.ATTRIBUTION: Words("功劳算谁的？", "Who gets the credit?"),
    Kind.EXPERIMENT: Words("实验改变了什么？", "What did the test change?"),
    Kind.LIFT: Words("它真正带来了多少？", "What did it truly bring?"),
}
DESIGNED = frozenset({Kind.EXPERIMENT, Kind.LIFT})
"""Kinds whose text is a design in YAML; the others' is the query of an address."""


@dataclass(frozen=True, slots=True)
class StudyDraft:
    """What is to be kept; ``number`` is the text that was changed, 0 for a new study."""

    kind: Kind
    name: str
    text: str
    table: str = ""
    study: int = 0
    number: int = 0


def check_draft(draft: StudyDraft) -> StudyDraft:
    """Return the draft with a clean name. Raises StudyUnfit or BadInput with what is wrong."""
    name = "".join(sign for sign in draft.name if sign.isprintable()).strip()
    if not name or len(name) > MOST_NAME:
        raise StudyUnfit(
            Words("名称为空或过长。", "The name is empty or too long."),
            mend=Words(f"写 1 到 {MOST_NAME} 个字。", f"Write 1 to {MOST_NAME} characters."),
        )
    text, table = (given.replace("\r\n", "\n").replace("\0", "") for given in (draft.text, draft.table))
    if len(text) > MOST_LETTERS:
        raise StudyUnfit(
            Words("内容过长。", "The text is too long."),
            mend=Words(f"至多 {MOST_LETTERS} 个字符。", f"{MOST_LETTERS} characters at most."),
        )
    check_text(draft.kind, text)
    if table:
        read_panel_table(parse_csv(table.encode()), COLUMNS)
    return StudyDraft(draft.kind, name, text, table, draft.study, draft.number)


def check_text(kind: Kind, text: str) -> None:
    """Raise BadInput with line, field and mend where a design is wrong."""
    if kind is Kind.EXPERIMENT:
        parse_experiments(text)
    elif kind is Kind.LIFT:
        parse_design(text)

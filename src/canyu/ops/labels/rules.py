"""How corrections are listed and told; pure, no database, no lake."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.evaluation import Quality
from canyu.listen.feedback import Retrained

SHIPPED = 0  # the number that stands for the model that Canyu brought
TEAM_MODEL = "sentiment-team"
NOTE_LETTERS = 500
MOST_PAGES = 500
STANDING, WITHDRAWN = "standing", "withdrawn"
STATES = (STANDING, WITHDRAWN)
SENTIMENTS = {
    "negative": Words("负面", "negative"),
    "neutral": Words("中性", "neutral"),
    "positive": Words("正面", "positive"),
}
KEYS = tuple((str(place), name) for place, name in enumerate(SENTIMENTS, 1))
FIGURE_NAMES = {
    "corrections": Words("更正（未参与学习）", "corrections, held out"),
    "guard sample": Words("守护样本", "guard sample"),
}
CHINESE = "zh"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for: which corrections, and the page."""

    state: str = STANDING
    label: str = ""
    who: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Compared:
    """One source's figures before and after; both on the same texts."""

    name: Words
    before: Quality
    after: Quality


def parse_filters(params: Mapping[str, str]) -> Filters:
    """Read the address; raises BadInput that names the field."""
    state, label, page = (params.get(name, "") for name in ("state", "label", "page"))
    is_page = bool(re.fullmatch(r"[1-9][0-9]{0,2}", page)) and int(page) <= MOST_PAGES
    faults = [
        name
        for name, is_right in (
            ("state", state in ("", *STATES)),
            ("label", label in ("", *SENTIMENTS)),
            ("page", not page or is_page),
            ("who", "\0" not in params.get("who", "")),
        )
        if not is_right
    ]
    if faults:
        raise BadInput(
            _("The address cannot be read: %s.") % faults[0], mend=_("Open the page from the menu and choose again.")
        )
    return Filters(state or STANDING, label, params.get("who", "").strip()[:150], int(page or 1))


def dump_figures(found: Retrained) -> dict[str, Any]:
    """Return the figures of both versions as they are kept."""
    return {"before": [asdict(line) for line in found.before], "after": [asdict(line) for line in found.after]}


def load_figures(kept: Mapping[str, Any]) -> list[Compared]:
    """Return the kept figures, source by source."""
    before, after = ([Quality(**line) for line in kept.get(name, ())] for name in ("before", "after"))
    return [
        Compared(FIGURE_NAMES.get(old.source, Words(old.source, old.source)), old, new)
        for old, new in zip(before, after, strict=True)
    ]


def is_worse(compared: Iterable[Compared]) -> bool:
    """Say whether the new version is clearly worse somewhere: its accuracy lies below the old one's interval."""
    return any(line.after.accuracy < line.before.low for line in compared)


def read_sentiment_version(model_version: str) -> str:
    """Return the sentiment model's part of the version that scores carry.

    >>> read_sentiment_version("sentiment-zh-4+8e4e6f01+english-1+c0ffee00+links-3")
    'sentiment-zh-4+8e4e6f01'
    """
    return "+".join(model_version.split("+")[:2])


def choose_number(taken: Iterable[int], folders: Iterable[str]) -> int:
    """Return a number that neither a row nor a folder has.

    >>> choose_number([1, 2], ["sentiment-team-4", "active.json"])
    5
    """
    found = [re.fullmatch(rf"{TEAM_MODEL}-(\d+)", name) for name in folders]
    return 1 + max([SHIPPED, *taken, *(int(match[1]) for match in found if match)])


def clean_draft(label: str, note: str) -> tuple[str, str] | None:
    """Return the label and the note as they are kept; None where the label is none of the three."""
    return (label, note.replace("\0", "").strip()[:NOTE_LETTERS]) if label in SENTIMENTS else None


def go_to(filters: Filters, page: int) -> Filters:
    """Return the same filters on another page."""
    return replace(filters, page=page)

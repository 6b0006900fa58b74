"""A white paper as made: its numbers, and the sentences that they carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.whitepaper.design import PaperDesign
from canyu.measure.whitepaper.holding import (
    CheckCopy,
    Held,
    find_superlative,
    hold_sentences,
    list_copy_objections,
)
from canyu.measure.whitepaper.lab import LabSheet
from canyu.measure.whitepaper.numbers import Numbers, compute_numbers

REFUSED_TITLE = Words("“{text}”不能印：{reason}", "“{text}” may not be printed: {reason}")
SUPERLATIVE_TITLE = Words("其中有“{term}”。", "it says “{term}”.")
MEND_TITLE = Words("请去掉它。", "Take it out.")


@dataclass(frozen=True, slots=True)
class WhitePaper:
    """Everything that a paper shows; ``made`` is when it was made."""

    design: PaperDesign
    sheet: LabSheet
    numbers: Numbers
    held: tuple[Held, ...]
    made: datetime

    @property
    def carried(self) -> tuple[Held, ...]:
        """The sentences that are printed."""
        return tuple(each for each in self.held if not each.objections)

    @property
    def refused(self) -> tuple[Held, ...]:
        """The sentences that are not."""
        return tuple(each for each in self.held if each.objections)


def make_paper(design: PaperDesign, sheet: LabSheet, check_copy: CheckCopy, now: datetime) -> WhitePaper:
    """Return the paper of a lab file. Raises BadInput where a title may not be printed or no row can be used."""
    for text in (design.title, design.lab, *design.devices.values(), *design.tests.values()):
        _refuse_title(text, check_copy)
    numbers = compute_numbers(sheet, design)
    return WhitePaper(design, sheet, numbers, hold_sentences(numbers, design, check_copy), now)


def _refuse_title(text: Words, check_copy: CheckCopy) -> None:
    for objection in list_copy_objections(text, check_copy):
        raise BadInput(_tell(text, objection.reason), mend=objection.mend)
    term = find_superlative(text)
    if term is not None:
        raise BadInput(_tell(text, SUPERLATIVE_TITLE.fill(term=term)), mend=MEND_TITLE)


def _tell(text: Words, reason: Words) -> Words:
    zh, en = (
        pattern.format(text=said, reason=why) for pattern, said, why in zip(REFUSED_TITLE, text, reason, strict=True)
    )
    return Words(zh, en)

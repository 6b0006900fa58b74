"""A scorecard as a mail: subject, a few lines, and the PDF."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage

from canyu.kit.words import Words
from canyu.measure.report import render_pdf
from canyu.measure.scorecard import STANDINGS, CardReport, Scorecard, Standing
from canyu.measure.scorecard.report import tell_weights
from canyu.measure.scorecard.saying import say_estimate, say_goal, say_index
from canyu.ops.proof.card.rules import Asked
from canyu.ops.proof.models import Mailing

GOALS = Words("{reached}/{goals} 个目标达到。", "{reached} of {goals} targets reached.")
TARGET = Words("目标", "target")
ATTACHED = Words("全文见附件（PDF）。", "The whole card is attached (PDF).")


@dataclass(frozen=True, slots=True)
class Letter:
    """What one due time sends to everybody."""

    subject: str
    text: str
    name: str
    pdf: bytes


def write_letter(report: CardReport, asked: Asked) -> Letter:
    """Return the mail of a card in the report's language."""
    document = report.compose()
    subject = f"{document.title} · {document.period}"
    name = f"canyu-scorecard-{asked.span.first}-{asked.span.last}.pdf"
    return Letter(subject, _tell(report.card, report.language, document.notes), name, render_pdf(report))


def address_letter(letter: Letter, mailing: Mailing) -> EmailMessage:
    """Return the message to one recipient; its id is the same each time, so that a repeat can be told."""
    parts = f"{mailing.schedule_id} {mailing.due_at.isoformat()} {mailing.recipient}"
    name = hashlib.blake2b(parts.encode(), digest_size=12).hexdigest()
    sender = settings.DEFAULT_FROM_EMAIL
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    message = EmailMessage(
        letter.subject, letter.text, sender, [mailing.recipient], headers={"Message-ID": f"<{name}@{domain}>"}
    )
    message.attach(letter.name, letter.pdf, "application/pdf")
    return message


def _tell(card: Scorecard, language: str, notes: tuple[str, ...]) -> str:
    lines = [GOALS.fill(reached=card.count(Standing.REACHED), goals=card.goals).say(language)] if card.goals else []
    for line in card.lines:
        told = f"{line.metric.label.say(language)}: {say_estimate(line.estimate, line.metric, language)}"
        if line.goal is not None:
            standing = STANDINGS[line.standing].say(language)
            told += f" ({TARGET.say(language)} {say_goal(line, language)}: {standing})"
        lines.append(told)
    lines.append("")
    for index in card.indices:
        value = say_index(index.estimate, language)
        lines.append(f"{index.index.label.say(language)}: {value} ({tell_weights(index).say(language)})")
    return "\n".join([*lines, "", *notes, ATTACHED.say(language)]) + "\n"

"""Copies in, reports out: the public door of the room."""

from __future__ import annotations

from collections.abc import Sequence

from canyu.events.catalogue import Catalogue
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.copycheck.absolutes import Setting, find_absolutes
from canyu.listen.copycheck.claims import find_claims, find_missing_mark
from canyu.listen.copycheck.lexicon import Lexicon, load_lexicon
from canyu.listen.copycheck.plain import PlainCopy, read_copies
from canyu.listen.copycheck.report import CopyReport

BATCH = 4096  # copies packed at once: memory does not grow with the file


def check_copy(
    text: str, *, industry: str = "", is_paid: bool = False, catalogue: Catalogue | None = None
) -> CopyReport:
    """Check one marketing copy; see ``check_copies``.

    >>> report = check_copy("全网蕞低价，第一次买也放心")
    >>> [(each.term, each.start, each.severity.value) for each in report.findings], report.verdict.value
    ([('蕞低价', 2, 'block')], 'blocked')
    """
    return check_copies([text], industry=industry, is_paid=is_paid, catalogue=catalogue)[0]


def check_copies(
    texts: Sequence[str], *, industry: str = "", is_paid: bool = False, catalogue: Catalogue | None = None
) -> list[CopyReport]:
    """Check copies against the Advertising Law, in order; one report each.

    ``industry`` (one of ``INDUSTRIES``) adds that industry's rules; ``is_paid`` asks for a disclosure and takes
    away the leniency for one's own experience; names in the ``catalogue`` may contain absolute terms. Raises
    BadInput where the industry is not known or a text is none.
    """
    lexicon = load_lexicon()
    _check_input(texts, industry, lexicon)
    setting = Setting(industry, is_paid, _list_names(catalogue))
    reports: list[CopyReport] = []
    for first in range(0, len(texts), BATCH):
        reports += [_check(copy, lexicon, setting) for copy in read_copies(texts[first : first + BATCH])]
    return reports


def _check(copy: PlainCopy, lexicon: Lexicon, setting: Setting) -> CopyReport:
    families, claims = lexicon.list_entries(copy.plain)
    found = find_absolutes(copy, families, lexicon, setting)
    found += find_claims(copy, claims, lexicon, setting)
    if setting.is_paid and copy.plain.strip():  # what is blank promotes nothing
        mark = find_missing_mark(copy, lexicon)
        found += [mark] if mark else []
    if len(found) > 1:
        found.sort(key=lambda finding: (finding.start, finding.end))
    return CopyReport(tuple(found), lexicon.version)


def _check_input(texts: Sequence[str], industry: str, lexicon: Lexicon) -> None:
    if industry and industry not in lexicon.industries:
        known = ", ".join(lexicon.industries)
        raise BadInput(
            Words(f"没有行业“{industry}”。", f'there is no industry "{industry}".'),
            mend=Words(f"可选：{known}。", f"Choose one of: {known}."),
        )
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        raise BadInput(
            Words("要检查的不全是文本。", "what is to be checked is not all text."),
            mend=Words("请给文本的列表；空值用空文本。", "Give a list of texts; an empty text for a null."),
        )


def _list_names(catalogue: Catalogue | None) -> tuple[str, ...]:
    """Return the catalogue's names as the rules read them, so that they are found in plain text."""
    if catalogue is None:
        return ()
    names = {name for entry in catalogue.entries for name in (*entry.name, *(alias.text for alias in entry.aliases))}
    return tuple(sorted({copy.plain for copy in read_copies(sorted(names))} - {""}))

"""The mends of refused rows: kept in the quarantine in English, found again in both languages."""

from __future__ import annotations

from functools import cache

from canyu.kit.words import Text, Words


def get_kept(mend: Text) -> str:
    """Return what the quarantine keeps of a mend: the English text, or a mapping's own as it stands."""
    return mend.en if isinstance(mend, Words) else mend


def find_mend(kept: str) -> Text:
    """Return a mend that the quarantine keeps in both languages; a text of somebody's own mapping as it stands."""
    return _list_mends().get(kept, kept)


@cache
def _list_mends() -> dict[str, Words]:
    from canyu.events import validate
    from canyu.events.importers import block, preset, times, translate  # they write mends, and one may import this

    tables = (block.MENDS, times.MENDS, translate.MENDS, validate.MENDS)
    found = [words for table in tables for words in table.values()]
    rules = [rule.mend for each in preset.list_presets() for rule in each.mapping.refuse]
    return {words.en: words for words in [*found, *(mend for mend in rules if isinstance(mend, Words))]}

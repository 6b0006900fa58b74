"""Words for people in both languages, for code below the web framework's own translation."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """One text, written (not translated) in simplified Chinese and in English."""

    zh: str
    en: str

    def say(self, language: str) -> str:
        """Return the text for a language tag: ``zh…`` gives Chinese, everything else English.

        >>> Words("声量", "volume").say("zh-hans")
        '声量'
        """
        return self.zh if language.lower().startswith("zh") else self.en

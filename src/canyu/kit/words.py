"""Words for people in both languages, for code below the web framework's own translation."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

LANGUAGE_VARIABLES = ("CANYU_LANG", "LC_ALL", "LC_MESSAGES", "LANG")

# The language of the whole process (a command), and of the request that this context serves (a page): a context
# does not reach the worker threads that it starts, the process's language does.
_of_process = ["en"]
_of_context: ContextVar[str] = ContextVar("canyu_language", default="")


class Words(NamedTuple):
    """One text, written (not translated) in simplified Chinese and in English; ``str()`` says it to whoever reads."""

    zh: str
    en: str

    def say(self, language: str) -> str:
        """Return the text for a language tag: ``zh…`` gives Chinese, everything else English.

        >>> Words("声量", "volume").say("zh-hans")
        '声量'
        """
        return self.zh if language.lower().startswith("zh") else self.en

    def fill(self, **values: object) -> Words:
        """Return the text with its ``{places}`` filled in both languages."""
        return Words(self.zh.format(**values), self.en.format(**values))

    def __str__(self) -> str:
        return self.say(get_language())


Text = str | Words
"""A text for people: in both languages, or one that already speaks the reader's (a translated page's string)."""


def say(zh: str, en: str) -> str:
    """Return the one of two texts that the reader reads, now."""
    return zh if get_language().lower().startswith("zh") else en


def get_language() -> str:
    """Return the language of the request at hand, or else the process's."""
    return _of_context.get() or _of_process[0]


def set_language(language: str) -> None:
    """Set the language of the whole process, for commands."""
    _of_process[0] = language


@contextmanager
def speak(language: str) -> Iterator[None]:
    """Speak this language within the block, in this thread."""
    token = _of_context.set(language)
    try:
        yield
    finally:
        _of_context.reset(token)


def find_language(environment: Mapping[str, str] = os.environ) -> str:
    """Return the language a terminal asks for: ``CANYU_LANG``, else the locale's variables, else English.

    >>> find_language({"LANG": "zh_CN.UTF-8"}), find_language({"LANG": "zh_CN.UTF-8", "CANYU_LANG": "en"})
    ('zh-hans', 'en')
    """
    stated = next((environment[name] for name in LANGUAGE_VARIABLES if environment.get(name)), "")
    return "zh-hans" if stated.lower().startswith("zh") else "en"

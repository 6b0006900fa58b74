"""A term in its clause and its sentence: what the context rules read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from canyu.listen.copycheck.plain import PlainCopy

CLAUSE_END = re.compile(r"[,。!?;:、\n()【】…~]")
SENTENCE_END = re.compile(r"[。!?\n]|(?<![0-9]);")
REACH = 120  # characters on either side that are read: a sentence of advertising is shorter, hostile input is not


@dataclass(frozen=True)
class Passage:
    """One match in a copy; clauses end at commas, sentences at full stops."""

    copy: PlainCopy
    start: int
    end: int

    @cached_property
    def before(self) -> str:
        """The clause up to the term."""
        window = self.copy.plain[max(0, self.start - REACH) : self.start]
        return CLAUSE_END.split(window)[-1]

    @cached_property
    def after(self) -> str:
        """The clause from the term on, the term included."""
        return self.term + CLAUSE_END.split(self.copy.plain[self.end : self.end + REACH], maxsplit=1)[0]

    @cached_property
    def term(self) -> str:
        """The term as the rules read it."""
        return self.copy.plain[self.start : self.end]

    @cached_property
    def clause(self) -> str:
        """The whole clause."""
        return self.before + self.after

    @cached_property
    def lead(self) -> str:
        """The sentence up to the term."""
        return SENTENCE_END.split(self.copy.plain[max(0, self.start - REACH) : self.start])[-1]

    @cached_property
    def rest(self) -> str:
        """The sentence after the term."""
        return SENTENCE_END.split(self.copy.plain[self.end : self.end + REACH], maxsplit=1)[0]

    @cached_property
    def sentence(self) -> str:
        """The whole sentence."""
        return self.lead + self.term + self.rest

    @cached_property
    def footnoted(self) -> str:
        """The sentence and what follows it shortly: where a source is named."""
        return self.lead + self.copy.plain[self.start : self.end + REACH]

    @cached_property
    def is_asked(self) -> bool:
        """Whether the sentence ends with a question mark."""
        stop = self.end + len(self.rest)
        return self.copy.plain[stop : stop + 1] == "?"

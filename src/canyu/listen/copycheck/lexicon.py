"""The rules' word lists, read from the YAML files beside this module and compiled once."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from canyu.kit.words import Words
from canyu.kit.yamlio import load_yaml
from canyu.listen.copycheck.report import ProofSlot, Severity

FOLDER = Path(__file__).parent
FILES = ("absolutes", "claims", "grounds", "rules", "tricks")

Patterns = dict[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class Family:
    """Absolute terms that behave alike; ``anchor``: one of these characters is in every match."""

    name: str
    anchor: frozenset[str]
    severity: Severity
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    is_fact: bool
    hint: Words


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim other than an absolute term, and the industries it is forbidden in (none stated: all)."""

    name: str
    rule: str
    anchor: frozenset[str]
    severity: Severity
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    takes_source: bool
    industries: frozenset[str]
    proof: tuple[ProofSlot, ...]
    hint: Words


@dataclass(frozen=True)
class Lexicon:
    """Everything the rules know; ``version`` changes whenever a word list does."""

    version: str
    families: tuple[Family, ...]
    claims: tuple[Claim, ...]
    contexts: dict[str, Patterns]
    signs: dict[str, Patterns]
    tricks: dict[str, str]
    articles: dict[str, Words]

    @cached_property
    def by_character(self) -> dict[str, tuple[Family | Claim, ...]]:
        """For each anchor character, the entries that may match a text that holds it."""
        entries: tuple[Family | Claim, ...] = (*self.families, *self.claims)
        return {char: tuple(e for e in entries if char in e.anchor) for e in entries for char in e.anchor}

    @cached_property
    def anchors(self) -> frozenset[str]:
        """Every anchor character."""
        return frozenset(self.by_character)

    def list_entries(self, text: str) -> tuple[list[Family], list[Claim]]:
        """Return the families and the claims that may match a text, each in the order of the word lists."""
        met = {id(entry) for char in self.anchors.intersection(text) for entry in self.by_character[char]}
        return [e for e in self.families if id(e) in met], [e for e in self.claims if id(e) in met]

    @property
    def industries(self) -> tuple[str, ...]:
        """Every industry that has a list of its own, sorted; ``service`` has the general rules only."""
        return tuple(sorted({name for claim in self.claims for name in claim.industries if name} | {"service"}))


@cache
def load_lexicon() -> Lexicon:
    """Read and compile the word lists."""
    raw = {name: (FOLDER / f"{name}.yaml").read_bytes() for name in FILES}
    told = {name: load_yaml(data) for name, data in raw.items()}
    digest = hashlib.sha256(b"".join(raw[name] for name in FILES)).hexdigest()
    absolutes, grounds = told["absolutes"], told["grounds"]
    return Lexicon(
        version=f"copycheck-1-{digest[:8]}",
        families=tuple(_read_family(entry) for entry in absolutes["families"]),
        claims=tuple(_read_claim(entry) for entry in told["claims"]),
        contexts={name: _compile(absolutes[name]) for name in ("superlative", "ordinal", "sole")},
        signs={name: _compile(found if isinstance(found, dict) else {"any": found}) for name, found in grounds.items()},
        tricks={str(meant): pattern for meant, pattern in told["tricks"].items()},
        articles={name: Words(*both) for name, both in told["rules"].items()},
    )


def _compile(patterns: dict[str, str]) -> Patterns:
    return {name: re.compile(pattern) for name, pattern in patterns.items()}


def _compile_unless(entry: dict[str, Any]) -> re.Pattern[str] | None:
    return re.compile(entry["unless"]) if "unless" in entry else None


def _read_family(entry: dict[str, Any]) -> Family:
    return Family(
        name=entry["name"],
        anchor=frozenset(str(entry["anchor"])),
        severity=Severity(entry["severity"]),
        pattern=re.compile(entry["pattern"]),
        unless=_compile_unless(entry),
        is_fact=entry.get("is_fact", False),
        hint=Words(*entry["hint"]),
    )


def _read_claim(entry: dict[str, Any]) -> Claim:
    return Claim(
        name=entry["name"],
        rule=entry["rule"],
        anchor=frozenset(str(entry["anchor"])),
        severity=Severity(entry["severity"]),
        pattern=re.compile(entry["pattern"]),
        unless=_compile_unless(entry),
        takes_source=entry.get("source", False),
        industries=frozenset(entry["industries"]),
        proof=tuple(ProofSlot(slot) for slot in entry["proof"]),
        hint=Words(*entry["hint"]),
    )

"""What people speak of when they speak of products: domains, their aspects and the words for them, from one file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.kit.yamlio import LOADER, load_yaml

FILE = "taxonomy.yaml"
MAX_BYTES = 1 << 20
MAX_DOMAINS, MAX_ASPECTS = 60, 500  # a bit per domain is handed to the kernel
MIN_TERM, MAX_TERM = 2, 16  # characters
ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
TOP_FIELDS, DOMAIN_FIELDS = {"version", "domains"}, {"name", "shared", "aspects"}
LISTS = ("terms", "weak", "good", "bad")
ASPECT_FIELDS = {"name", "more", *LISTS}
MEND = Words("请修正分类文件。", "Mend the taxonomy file.")


class More(StrEnum):
    """Whether more of it (高, 大, 多) is good."""

    GOOD = "good"
    BAD = "bad"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Aspect:
    """One thing that a product is judged by; ``id`` is stable, e.g. ``car/power``.

    ``terms`` say it in any text, ``weak`` only in texts about its domain, ``good`` and ``bad`` say what is thought too.
    """

    id: str
    name: Words
    more: More
    terms: tuple[str, ...]
    weak: tuple[str, ...]
    good: tuple[str, ...]
    bad: tuple[str, ...]

    @property
    def domain(self) -> str:
        """The domain's id, the part before the slash."""
        return self.id.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Domain:
    """A kind of product, or (``is_shared``) something that any product has, such as a price."""

    id: str
    name: Words
    is_shared: bool
    aspects: tuple[Aspect, ...]


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All domains, in the order of the file."""

    version: str
    domains: tuple[Domain, ...]

    @property
    def aspects(self) -> tuple[Aspect, ...]:
        """All aspects, domain by domain."""
        return tuple(aspect for domain in self.domains for aspect in domain.aspects)


@lru_cache(maxsize=1)
def load_taxonomy() -> Taxonomy:
    """Return the shipped taxonomy, with its names in both languages.

    >>> next(str(aspect.id) for aspect in load_taxonomy().aspects if aspect.name.zh == "油耗")
    'car/consumption'
    """
    return parse_taxonomy(resources.files("canyu.listen.aspects").joinpath(FILE).read_text("utf-8"))


def parse_taxonomy(text: str) -> Taxonomy:
    """Return the taxonomy in a YAML text; raises BadInput that names the first thing wrong."""
    if len(text) > MAX_BYTES:
        raise _refuse("文件", "the file", f"超过 {MAX_BYTES >> 20} MiB", f"is over {MAX_BYTES >> 20} MiB")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, LOADER)):
            raise _refuse("文件", "the file", "使用了 YAML 锚点", "uses YAML anchors")
        read = load_yaml(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _refuse("文件", "the file", "不是 YAML", "is not YAML") from error
    top = _read_map(read, "taxonomy", TOP_FIELDS)
    domains = tuple(
        _read_domain(str(key), given) for key, given in _read_map(top.get("domains"), "domains", None).items()
    )
    taxonomy = Taxonomy(_read_text(top.get("version"), "version"), domains)
    if not taxonomy.aspects or len(domains) > MAX_DOMAINS or len(taxonomy.aspects) > MAX_ASPECTS:
        raise _refuse("domains", "domains", "没有或过多方面", "has no aspects, or too many")
    return taxonomy


def _read_domain(key: str, given: Any) -> Domain:
    fields = _read_map(given, key, DOMAIN_FIELDS)
    shared = fields.get("shared", False)
    if not ID.fullmatch(key) or not isinstance(shared, bool):
        raise _refuse(key, key, "不是合法的领域", "is no valid domain")
    listed = _read_map(fields.get("aspects"), f"{key}.aspects", None)
    aspects = tuple(_read_aspect(f"{key}/{name}", aspect) for name, aspect in listed.items())
    return Domain(key, _read_words(fields.get("name"), key), shared, aspects)


def _read_aspect(aspect_id: str, given: Any) -> Aspect:
    fields = _read_map(given, aspect_id, ASPECT_FIELDS)
    more = fields.get("more")
    if not ID.fullmatch(aspect_id.partition("/")[2]) or more not in set(More):
        raise _refuse(aspect_id, aspect_id, "的标识或 more 不合法", "has no valid id or `more`")
    lists = [_read_terms(fields.get(name, []), f"{aspect_id}.{name}") for name in LISTS]
    if set(lists[2]) & set(lists[3]):
        raise _refuse(aspect_id, aspect_id, "同一个词既好又坏", "has a term that is good and bad")
    return Aspect(aspect_id, _read_words(fields.get("name"), aspect_id), More(more), *lists)


def _read_terms(given: Any, where: str) -> tuple[str, ...]:
    terms = given if isinstance(given, list) else [None]
    for term in terms:
        if not isinstance(term, (str, int)) or isinstance(term, bool) or not MIN_TERM <= len(str(term)) <= MAX_TERM:
            raise _refuse(where, where, f"有不合法的词 {term!r}", f"has a term that is no short text: {term!r}")
    return tuple(dict.fromkeys(str(term) for term in terms))


def _read_words(given: Any, where: str) -> Words:
    both = _read_map(given, f"{where}.name", {"zh", "en"})
    return Words(_read_text(both.get("zh"), f"{where}.name.zh"), _read_text(both.get("en"), f"{where}.name.en"))


def _read_text(given: Any, where: str) -> str:
    if not isinstance(given, str) or not given.strip():
        raise _refuse(where, where, "不是文本", "is not a text")
    return given


def _read_map(given: Any, where: str, known: set[str] | None) -> Mapping[str, Any]:
    if not isinstance(given, dict) or not all(isinstance(key, str) for key in given):
        raise _refuse(where, where, "不是键值表", "is not a mapping")
    if known is not None and (unknown := sorted(set(given) - known)):
        raise _refuse(where, where, f"有未知字段 {unknown[0]}", f"has an unknown field {unknown[0]}")
    return given


def _refuse(place_zh: str, place_en: str, zh: str, en: str) -> BadInput:
    return BadInput(Words(f"分类文件中，{place_zh}{zh}。", f"in the taxonomy, {place_en} {en}."), mend=MEND)

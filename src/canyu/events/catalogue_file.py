"""Reads a catalogue file and says everything that is wrong with it, line by line, with the mend."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources

import yaml

from canyu.events import catalogue_problems as faults
from canyu.events.catalogue import Account, Alias, Boundary, Case, Catalogue, Entry, Kind, get_brand
from canyu.events.catalogue_problems import Problem
from canyu.events.located_yaml import MAX_BYTES, NodeReader, refuse_problems
from canyu.kit.words import Words
from canyu.kit.written import read_written

EXAMPLE = "xiaomi-2025.yaml"
MAX_ALIAS = 40  # characters; longer ones are sentences, and the linker's look-back ends at 64
MAX_WINDOW = 200
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)?")
TOP_FIELDS = {"format", "version", "home", "name", "categories", "contexts", "entries", "accounts"}
ACCOUNT_FIELDS = {"brand", "source", "id", "actor", "name"}
ENTRY_FIELDS = {"id", "kind", "name", "category", "aliases", "competitor"}
ALIAS_FIELDS = {"text", "needs", "unless", "window", "boundary", "case"}


PROBLEMS = Words("产品目录有 {} 处问题：", "The catalogue has {} problem(s):")
CHECK_LISTS_ALL = Words("`canyu catalogue check` 会列出全部问题。", "`canyu catalogue check` lists all.")


def open_catalogue(path: str = "") -> Catalogue:
    """Return the checked catalogue at ``path`` (empty: the shipped one). Raises NotFound, or BadInput with problems."""
    return parse_catalogue(read_text(path))


def check_catalogue(text: str) -> list[Problem]:
    """Return every problem of a catalogue's text, by line; an empty list means that it can be used."""
    return sorted(_read(text)[1])


@lru_cache(maxsize=8)
def parse_catalogue(text: str) -> Catalogue:
    """Return the catalogue in ``text``. Raises BadInput that tells the first problems."""
    catalogue, problems = _read(text)
    if problems or catalogue is None:
        raise refuse_problems(problems, PROBLEMS, CHECK_LISTS_ALL)
    return catalogue


def read_text(path: str = "") -> str:
    """Return a catalogue file's text (empty path: the shipped example). Raises NotFound or BadInput."""
    if not path:
        return resources.files("canyu.events").joinpath("catalogues", EXAMPLE).read_text("utf-8")
    return read_written(
        path,
        absent=Words(f"{path} 处没有产品目录。", f"There is no catalogue at {path}."),
        too_long=Words("产品目录应是人手写的清单。", "A catalogue is a list written by people."),
        most_bytes=MAX_BYTES,
    )


@dataclass(slots=True)
class _Reader(NodeReader):
    """Reads the entries of a catalogue."""

    contexts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def read_words(self, node: yaml.Node | None, name: str, above: yaml.Node | None = None) -> Words:
        if isinstance(node, yaml.ScalarNode) and not str(node.value).strip():
            self.tell(node, name, faults.NO_MAPPING)
            self.tell(node, f"{name}.zh", faults.MISSING)
            self.tell(node, f"{name}.en", faults.MISSING)
            return Words("", "")
        if isinstance(node, yaml.ScalarNode):
            return Words(str(node.value), str(node.value))
        return NodeReader.read_words(self, node, name, above)

    def read_choice(self, node: yaml.Node | None, name: str, choices: type[Kind] | type[Boundary] | type[Case]) -> str:
        text = self.read_text(node, name)
        if text and text not in set(choices):
            self.tell(node, name, faults.tell_unknown_choice(text, choices))
            return ""
        return text

    def read_contexts(self, node: yaml.Node | None, name: str) -> tuple[str, ...]:
        words: list[str] = []
        for item in self.read_list(node, name):
            word = self.read_text(item, name)
            if word.startswith("$"):
                if word[1:] not in self.contexts:
                    self.tell(item, name, faults.NO_CONTEXT.tell(word))
                words += self.contexts.get(word[1:], ())
            elif word == "~" or word.count("~") > 1:
                self.tell(item, name, faults.EMPTY_CONTEXT.tell(word))
            elif len(word) > MAX_ALIAS:
                self.tell(item, name, faults.tell_long_context(MAX_ALIAS))
            elif word:
                words.append(word)
        return tuple(dict.fromkeys(words))

    def read_alias(self, node: yaml.Node) -> Alias | None:
        if isinstance(node, yaml.ScalarNode):
            text = self.read_text(node, "aliases")
            return self.keep_alias(node, Alias(text)) if text else None
        given = self.read_map(node, "aliases", ALIAS_FIELDS)
        text = self.read_text(given.get("text"), "aliases.text", node)
        boundary = self.read_choice(given["boundary"], "aliases.boundary", Boundary) if "boundary" in given else ""
        case = self.read_choice(given["case"], "aliases.case", Case) if "case" in given else ""
        alias = Alias(
            text,
            self.read_contexts(given.get("needs"), "aliases.needs"),
            self.read_contexts(given.get("unless"), "aliases.unless"),
            self.read_window(given.get("window")),
            Boundary(boundary or Boundary.BOTH),
            Case(case or Case.ANY),
        )
        return self.keep_alias(node, alias) if text else None

    def read_window(self, node: yaml.Node | None) -> int:
        if node is None:
            return Alias("").window
        text = self.read_text(node, "aliases.window")
        if not text.isdigit() or not 1 <= int(text) <= MAX_WINDOW:
            self.tell(node, "aliases.window", faults.NO_WINDOW.tell(text, MAX_WINDOW))
            return Alias("").window
        return int(text)

    def keep_alias(self, node: yaml.Node, alias: Alias) -> Alias | None:
        if len(alias.text) > MAX_ALIAS:
            self.tell(node, "aliases", faults.tell_long_alias(MAX_ALIAS))
            return None
        if not fold_alias(alias.text):
            self.tell(node, "aliases", faults.BARE_ALIAS.tell(alias.text))
            return None
        if len(fold_alias(alias.text)) == 1 and not alias.needs:
            self.tell(node, "aliases", faults.SHORT_ALIAS.tell(alias.text))
        return alias

    def read_entry(self, node: yaml.Node) -> Entry | None:
        given = self.read_map(node, "entries", ENTRY_FIELDS)
        if not given:
            return None
        entry_id = self.read_text(given.get("id"), "id", node)
        if entry_id and not ID.fullmatch(entry_id):
            self.tell(given["id"], "id", faults.NO_ID.tell(entry_id))
        kind = self.read_choice(given.get("kind"), "kind", Kind) if "kind" in given else ""
        if "kind" not in given:
            self.tell(node, "kind", faults.tell_no_choice(Kind))
        if kind and "/" not in entry_id and kind != Kind.BRAND:
            self.tell(given["kind"], "kind", faults.NO_BRAND_KIND.tell(kind))
        aliases = [self.read_alias(item) for item in self.read_list(given.get("aliases"), "aliases")]
        if not aliases:
            self.tell(node, "aliases", faults.NO_ALIAS.tell(entry_id))
        return Entry(
            entry_id,
            Kind(kind or Kind.PRODUCT),
            self.read_words(given.get("name"), "name", node),
            self.read_text(given["category"], "category") if "category" in given else "",
            tuple(alias for alias in aliases if alias is not None),
            self.read_flag(given.get("competitor")),
        )

    def read_account(self, node: yaml.Node, home: str) -> Account:
        given = self.read_map(node, "accounts", ACCOUNT_FIELDS)
        texts = {name: self.read_text(value, f"accounts.{name}") for name, value in given.items()}
        texts = {name: text for name, text in texts.items() if name in ACCOUNT_FIELDS}
        account = Account(**{"brand": home, **texts})
        if account.actor and (account.source or account.id):
            self.tell(given["actor"], "accounts.actor", faults.ACTOR_AND_ID)
        elif not account.actor and not account.source:
            self.tell(node, "accounts.source", faults.NO_ACCOUNT)
        elif not account.actor and not account.id:
            self.tell(node, "accounts.id", faults.NO_ACCOUNT)
        return account

    def read_flag(self, node: yaml.Node | None) -> bool:
        if node is None:
            return False
        if str(node.value) not in {"true", "false"}:
            self.tell(node, "competitor", faults.NO_FLAG.tell(str(node.value)))
        return str(node.value) == "true"


def fold_alias(text: str) -> str:
    """Return what two aliases are compared by: full width to half, lower case, letters and digits only.

    >>> fold_alias("SU7-Ultra") == fold_alias("ＳＵ７ ultra")
    True
    """
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).lower() if sign.isalnum() or sign in "+#")


def _read(text: str) -> tuple[Catalogue | None, list[Problem]]:
    reader = _Reader()
    root = reader.compose(text, "catalogue")
    if root is None:
        return None, reader.problems
    top = reader.read_top(root, "catalogue", TOP_FIELDS)
    contexts = reader.read_map(top["contexts"], "contexts") if "contexts" in top else {}
    for name, node in contexts.items():
        reader.contexts[name] = reader.read_contexts(node, f"contexts.{name}")
    labels = reader.read_map(top["categories"], "categories") if "categories" in top else {}
    nodes = reader.read_list(top.get("entries"), "entries")
    if not nodes:
        reader.tell(root, "entries", faults.NO_ENTRY)
    read = [(node, reader.read_entry(node)) for node in nodes]
    kept = [(node, entry) for node, entry in read if entry is not None]
    catalogue = Catalogue(
        reader.read_text(top.get("version"), "version", root),
        reader.read_text(top.get("home"), "home", root),
        reader.read_words(top.get("name"), "name", root),
        tuple(entry for _, entry in kept),
        {name: reader.read_words(node, f"categories.{name}") for name, node in labels.items()},
    )
    accounts = reader.read_list(top.get("accounts"), "accounts")
    catalogue = replace(catalogue, accounts=tuple(reader.read_account(node, catalogue.home) for node in accounts))
    _check_whole(reader, catalogue, kept, top.get("home"))
    _check_accounts(reader, catalogue, accounts)
    return catalogue, reader.problems


def _check_accounts(reader: _Reader, catalogue: Catalogue, nodes: list[yaml.Node]) -> None:
    brands = {entry.id for entry in catalogue.list_brands()}
    seen: set[tuple[str, str, str]] = set()
    for node, account in zip(nodes, catalogue.accounts, strict=True):
        if account.brand not in brands:
            reader.tell(node, "accounts.brand", faults.NO_BRAND.tell(account.brand))
        key = (account.source, account.id, account.actor)
        if key in seen:
            reader.tell(node, "accounts", faults.GIVEN_TWICE)
        seen.add(key)


def _check_whole(
    reader: _Reader, catalogue: Catalogue, kept: list[tuple[yaml.Node, Entry]], home: yaml.Node | None
) -> None:
    brands = {entry.id for entry in catalogue.entries if "/" not in entry.id}
    if catalogue.home and catalogue.home not in brands:
        reader.tell(home, "home", faults.NO_HOME.tell(catalogue.home))
    seen: set[str] = set()
    owners: dict[tuple[str, str], str] = {}
    for node, entry in kept:
        if entry.id in seen:
            reader.tell(node, "id", faults.DOUBLE_ID.tell(entry.id))
        seen.add(entry.id)
        if entry.id and get_brand(entry.id) not in brands:
            reader.tell(node, "id", faults.NO_BRAND.tell(get_brand(entry.id)))
        if entry.category and entry.category not in catalogue.categories:
            reader.tell(node, "category", faults.NO_LABEL.tell(entry.category))
        if entry.competitor and entry.brand == catalogue.home:
            reader.tell(node, "competitor", faults.HOME_COMPETITOR)
        for alias in entry.aliases:
            key = (fold_alias(alias.text), alias.text if alias.case is Case.EXACT else "")
            if owners.get(key, entry.id) != entry.id and not alias.needs:
                reader.tell(node, "aliases", faults.SHARED_ALIAS.tell(alias.text, owners[key]))
            owners.setdefault(key, entry.id)

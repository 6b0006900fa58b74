"""What a brand speaks of: brands, products, features, people and services, their names and their aliases.

A catalogue is one YAML file that a marketing team writes by hand; ``catalogue_file`` reads and checks it. An id is a
brand's own (``xiaomi``) or stands under it (``xiaomi/su7-ultra``): the part before the slash is always the brand.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property

from canyu.kit.errors import NotFound
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words


class Kind(StrEnum):
    """What an entry is."""

    BRAND = "brand"
    PRODUCT = "product"
    FEATURE = "feature"
    PERSON = "person"
    SERVICE = "service"


class Boundary(StrEnum):
    """At which end of an alias a neighbouring letter or digit undoes the match: "su7" is not in "su7000"."""

    BOTH = "both"
    START = "start"
    END = "end"
    NONE = "none"


class Case(StrEnum):
    """Whether capitals matter: ``exact`` matches as written, ``any`` matches however it is typed."""

    ANY = "any"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Alias:
    """One way to write an entry, and what must or must not stand around it.

    A word in ``needs`` or ``unless`` with a ``~`` is the alias in place (``~粥`` is 小米粥); without one it is looked
    for within ``window`` characters on either side. One of ``needs`` suffices; one of ``unless`` undoes the match.
    """

    text: str
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    window: int = 16
    boundary: Boundary = Boundary.BOTH
    case: Case = Case.ANY


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that people speak of."""

    id: str
    kind: Kind
    name: Words
    category: str = ""
    aliases: tuple[Alias, ...] = ()
    competitor: bool = False

    @property
    def brand(self) -> str:
        """The brand it belongs to."""
        return get_brand(self.id)


@dataclass(frozen=True, slots=True)
class Account:
    """One of a brand's own accounts: its id at a source, or the actor as the events have it where that is kept.

    ``name`` is for the people who read the file.
    """

    brand: str
    source: str = ""
    id: str = ""
    actor: str = ""
    name: str = ""


@dataclass(frozen=True)
class Catalogue:
    """All entries of one brand's field: its own and its competitors', in the order of the file."""

    version: str
    home: str
    name: Words
    entries: tuple[Entry, ...]
    categories: dict[str, Words] = field(default_factory=dict)
    accounts: tuple[Account, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Entry]:
        """Every entry under its id."""
        return {entry.id: entry for entry in self.entries}

    @cached_property
    def fingerprint(self) -> str:
        """Eight hex digits over everything that decides a link: a changed alias makes a new fingerprint."""
        deciding = [(entry.id, [asdict(alias) for alias in entry.aliases]) for entry in self.entries]
        return hashlib.blake2b(dump_json(deciding).encode(), digest_size=4).hexdigest()

    def get(self, entry_id: str) -> Entry:
        """Return the entry; raises NotFound where the catalogue has none of that id."""
        if entry_id not in self.by_id:
            raise NotFound(
                Words(
                    f"产品目录 {self.version} 中没有条目 {entry_id}。",
                    f"The catalogue {self.version} has no entry {entry_id}.",
                ),
                mend=Words("用 `canyu catalogue show` 查看有哪些条目。", "See `canyu catalogue show`."),
            )
        return self.by_id[entry_id]

    def get_label(self, entry_id: str, language: str) -> str:
        """Return the name to show, in Chinese or English; an id the catalogue does not know is shown as it is."""
        entry = self.by_id.get(entry_id)
        return entry_id if entry is None else entry.name.say(language)

    def list_brands(self) -> list[Entry]:
        """Return the brands, the home brand first, then as in the file."""
        brands = [entry for entry in self.entries if "/" not in entry.id]
        return sorted(brands, key=lambda entry: entry.id != self.home)

    def list_competitors(self) -> list[Entry]:
        """Return the brands marked as competitors, as in the file."""
        return [entry for entry in self.list_brands() if entry.competitor]

    def list_entries(self, brand: str) -> list[Entry]:
        """Return a brand's entries, its own first, then as in the file."""
        return [entry for entry in self.entries if entry.brand == brand]


def get_brand(entry_id: str) -> str:
    """Return the brand of a catalogue id.

    >>> get_brand("xiaomi/su7-ultra"), get_brand("tesla")
    ('xiaomi', 'tesla')
    """
    return entry_id.split("/", 1)[0]


def load_catalogue(path: str = "") -> Catalogue:
    """Return the catalogue in the file at ``path`` (empty: the shipped example). Raises BadInput with its problems.

    >>> load_catalogue().get_label("xiaomi/su7-ultra", "zh")
    '小米SU7 Ultra'
    """
    from canyu.events.catalogue_file import open_catalogue

    return open_catalogue(path)

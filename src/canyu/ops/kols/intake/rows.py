"""What a roster file says, row by row: facts that can be used, or why not; pure, no database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from canyu.ops.kols.intake import cells
from canyu.ops.kols.intake.columns import KINDS, LENGTHS, NEEDED
from canyu.ops.kols.models import PostKind

Hash = Callable[[str, str], str]
PRICES = {f"price_{kind}": str(kind) for kind in PostKind.values}
USUAL_CURRENCY, USUAL_MARKET = "CNY", "cn"


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell that cannot be used; ``reason`` is a code of ``REASONS`` or of the readers' mends."""

    field: str
    reason: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """One row that is not kept: where it stands, every fault, and its cells as they came."""

    row: int
    faults: tuple[Fault, ...]
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """What one row says of an account; None or empty says nothing, and changes nothing."""

    row: int
    kol: str
    platform: str
    handle: str
    actor: str = ""
    url: str = ""
    followers: int | None = None
    topics: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    kind: str = ""
    prices: dict[str, int] = field(default_factory=dict)
    currency: str = ""
    contract_from: date | None = None
    contract_until: date | None = None
    disclosure: bool | None = None
    note: str = ""
    cells: dict[str, str] = field(default_factory=dict, compare=False, repr=False)
    """As they came, for the file of refused rows."""

    @property
    def key(self) -> tuple[str, str]:
        """What an account is known by."""
        return self.platform, self.handle


def read_row(number: int, given: Mapping[str, str], make_actor: Hash | None) -> Row | Refused:
    """Return what a row says, or why it is refused; ``make_actor`` hashes a source's own id as the lake does."""
    texts = {name: cells.clean_cell(text) for name, text in given.items()}
    faults = [Fault(name, "missing") for name in NEEDED if not texts.get(name)]
    faults += [
        Fault(name, "too_long", texts[name][:40]) for name, most in LENGTHS.items() if len(texts.get(name, "")) > most
    ]
    reader = _Reader(texts, faults)
    cells_given = {name: text or "" for name, text in given.items()}
    markets = tuple(dict.fromkeys(cells.read_market(name) for name in cells.parse_items(texts.get("markets", ""))))
    prices, currency = reader.read_prices(markets)
    begin, end = reader.read_contract()
    row = Row(
        row=number,
        kol=_flatten(texts.get("kol", "") or texts.get("handle", "")),
        platform=cells.read_channel(texts.get("platform", "")),
        handle=_flatten(texts.get("handle", "")).lstrip("@＠"),
        actor=reader.read_actor(make_actor),
        url=reader.read_url(),
        followers=reader.read("followers", cells.parse_count, "not_a_count"),
        topics=tuple(cells.parse_items(texts.get("topics", ""))),
        markets=markets,
        kind=reader.read("kind", _read_kind, "not_a_kind") or "",
        prices=prices,
        currency=currency,
        contract_from=begin,
        contract_until=end,
        disclosure=reader.read("disclosure", cells.parse_flag, "not_yes_or_no"),
        note=texts.get("note", ""),
        cells=cells_given,
    )
    if faults:
        return Refused(number, tuple(faults), cells_given)
    return row


def dump_refused(row: Refused) -> dict[str, Any]:
    """Return a refused row as plain values that ``load_refused`` turns into the same row."""
    return asdict(row) | {"cells": list(row.cells.items())}  # PostgreSQL keeps no order of keys


def load_refused(kept: Mapping[str, Any]) -> Refused:
    """Return the refused row that was kept."""
    return Refused(kept["row"], tuple(Fault(**fault) for fault in kept["faults"]), dict(kept["cells"]))


class _Reader:
    """Reads the cells of one row and notes every fault, so that a person mends the row once."""

    def __init__(self, texts: Mapping[str, str], faults: list[Fault]) -> None:
        self.texts, self.faults = texts, faults

    def read(self, name: str, parse: Callable[[str], Any], reason: str) -> Any:
        """Return what a cell says, None where it says nothing or nothing that can be used."""
        text = self.texts.get(name, "")
        found = parse(text) if text else None
        if text and found is None:
            self._note(name, reason)
        return found

    def read_prices(self, markets: tuple[str, ...]) -> tuple[dict[str, int], str]:
        """Return the prices in minor units, and their currency: stated, or the yuan where the market is China."""
        told = {name: self.texts[name] for name in PRICES if self.texts.get(name)}
        currency = self.texts.get("currency", "").upper()
        if currency and not cells.CURRENCY.fullmatch(currency):
            self._note("currency", "not_a_currency")
            return {}, ""
        if told and not currency:
            if markets and USUAL_MARKET not in markets:
                self._note("currency", "currency_unknown")
                return {}, ""
            currency = USUAL_CURRENCY
        prices = {}
        for name in told:
            amount = self.read(name, lambda text: cells.parse_minor(text, currency), "not_an_amount")
            if amount is not None:
                prices[PRICES[name]] = amount
        return prices, currency if prices else ""

    def read_contract(self) -> tuple[date | None, date | None]:
        """Return the contract's days."""
        begin: date | None = self.read("contract_from", cells.parse_day, "not_a_day")
        end: date | None = self.read("contract_until", cells.parse_day, "not_a_day")
        if begin and end and end < begin:
            self._note("contract_until", "ends_before")
        if end and not self.texts.get("contract_from"):
            self._note("contract_from", "begins_never")
        return begin, end

    def read_url(self) -> str:
        """Return the address of the account; anything but a web address is refused."""
        url = self.texts.get("url", "")
        if url and not url.lower().startswith(("https://", "http://")):
            self._note("url", "not_a_link")
        return url

    def read_actor(self, make_actor: Hash | None) -> str:
        """Return the actor as the lake has it: as given, or hashed where the id of a source is given."""
        actor, source = self.texts.get("actor", ""), self.texts.get("source", "")
        if not actor or not source:
            return actor
        if make_actor is None:
            self._note("source", "no_salt")
            return ""
        return make_actor(source, actor)

    def _note(self, name: str, reason: str) -> None:
        self.faults.append(Fault(name, reason, self.texts.get(name, "")[:80]))


def _read_kind(text: str) -> str | None:
    plain = text.strip().lower()
    return next((kind for kind, aliases in KINDS.items() if plain in (kind, *aliases)), None)


def _flatten(text: str) -> str:
    return " ".join(text.split())

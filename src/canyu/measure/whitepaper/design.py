"""What a white paper is to say: its title, the names of devices and tests, and the sentences that it would print."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from canyu.kit.words import Words
from canyu.measure.claims.claim import Relation


class Side(StrEnum):
    """Which way a sentence says that a device differs."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence that the paper would print: ``device`` reads ``side`` than each of ``against`` by ``stated``.

    ``unit`` is ``%`` (of the other's mean) or the unit of the test; 0 states no more than the direction.
    """

    id: str
    statement: Words
    test: str
    device: str
    against: tuple[str, ...]
    side: Side
    stated: float
    unit: str
    relation: Relation


@dataclass(frozen=True, slots=True)
class PaperDesign:
    """A paper as designed. Devices and tests that it does not name are shown under the names of the lab file.

    ``lab``: who measured, and where. ``signed``: tests whose zero is a convention, as °C: their values may be below
    zero, and have no ratio.
    """

    title: Words
    lab: Words
    devices: dict[str, Words] = field(default_factory=dict)
    tests: dict[str, Words] = field(default_factory=dict)
    signed: frozenset[str] = frozenset()
    sentences: tuple[Sentence, ...] = ()
    is_simulated: bool = False

    def name_device(self, device: str) -> Words:
        """Return the device's name for people."""
        return self.devices.get(device, Words(device, device))

    def name_test(self, test: str) -> Words:
        """Return the test's name for people."""
        return self.tests.get(test, Words(test, test))

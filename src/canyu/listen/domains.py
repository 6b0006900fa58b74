"""What a text is about, told from the products that it names: 续航 of a phone is another thing than 续航 of a car."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from canyu.events.catalogue import Catalogue

DOMAINS = {
    "car": "car",
    **dict.fromkeys(("phone", "tablet", "laptop", "wearable", "audio"), "phone"),
    **dict.fromkeys(("appliance", "cleaning", "home", "tv"), "appliance"),
    **dict.fromkeys(("system", "assistant"), "software"),
}
"""The taxonomy's domain of a catalogue's category; a category that is not here tells nothing."""


class DomainFinder:
    """Looks up the domains of what texts name. Holds no state between calls; threads may share it."""

    def __init__(self, catalogue: Catalogue) -> None:
        known = [(name, domain) for name, entry in catalogue.by_id.items() if (domain := DOMAINS.get(entry.category))]
        self._ids = pa.array([name for name, _ in known], pa.string())
        self._domains = pa.array([domain for _, domain in known], pa.string())

    def find(self, links: pa.ListArray) -> pa.ListArray:
        """Return per text the domains of its catalogue ids, ``list<string>``, null where an id tells none.

        >>> from canyu.events.catalogue import load_catalogue
        >>> finder = DomainFinder(load_catalogue())
        >>> finder.find(pa.array([["xiaomi", "xiaomi/su7"], []])).to_pylist()
        [[None, 'car'], []]
        """
        return pa.ListArray.from_arrays(links.offsets, self._domains.take(pc.index_in(links.values, self._ids)))

"""What scored texts say of the aspects of what they name: rows that a heat map adds up without a join."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.events.tables import OPINIONS_SCHEMA


def build_opinions(scores: pa.Table) -> pa.Table:
    """Return one row per event, aspect and catalogue id that the event names, or with none where it names nothing.

    ``scores``: the columns of the table scores, and ``aspects``. A text that names several things says what it says of
    all of them: which one is meant, clause by clause, is not told.
    """
    aspects = scores["aspects"].combine_chunks()
    links = scores["links"].combine_chunks()
    event_of = pc.list_parent_indices(aspects).to_numpy()
    said = aspects.flatten()
    names = pc.fill_null(pc.list_value_length(links), 0).to_numpy()
    times = np.maximum(names[event_of], 1)
    opinion = np.repeat(np.arange(len(said)), times)
    turn = np.arange(len(opinion)) - np.repeat(np.cumsum(times) - times, times)
    event = event_of[opinion]
    link = _take_links(links, names, event, turn)
    rows = scores.take(pa.array(event))
    found = said.take(pa.array(opinion))
    columns = {name: rows[name] for name in rows.column_names}
    columns |= {name: found.field(name) for name in ("aspect", "polarity", "p", "start", "end")}
    columns |= {"link": link, "brand": pc.replace_substring_regex(link, "/.*", "")}
    columns |= {"is_first_of_aspect": pa.array(turn == 0)}
    return pa.table([columns[name] for name in OPINIONS_SCHEMA.names], schema=OPINIONS_SCHEMA)


def _take_links(
    links: pa.ListArray, names: NDArray[np.int64], event: NDArray[np.int64], turn: NDArray[np.int64]
) -> pa.Array:
    """Return the link of each row: the event's link number ``turn``, null where the event names nothing."""
    flat = links.flatten()
    starts = np.cumsum(names) - names
    places = np.where(names[event] > 0, starts[event] + turn, 0)
    return flat.take(pa.array(places, mask=names[event] == 0))

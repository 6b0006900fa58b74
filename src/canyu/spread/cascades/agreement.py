"""How often a guessed parent is the stated one: the measurement behind each confidence, for any table of reposts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.cascades.fields import take_strings
from canyu.spread.cascades.how import WAYS, How
from canyu.spread.cascades.rebuild import build_cascades, take_known


def measure_agreement(table: pa.Table, folds: int = 5) -> pa.Table:
    """Hide one in ``folds`` of the stated parents at a time, guess, and compare; every row is judged once.

    A row without a parent counts as hanging on its root: pass only tables where it does. Names are learnt from the
    parents left. Returns one row per way: how, judged, right (all such edges), of_stated, right_of_stated (those whose
    hidden parent was not the root). Raises BadInput for fewer than two folds.
    """
    if folds < 2:
        raise BadInput(
            Words(f"folds={folds} 太小。", f"folds={folds} is too small."),
            mend=Words("请用 2 或更大。", "Use 2 or more."),
        )
    parents, roots = take_strings(table, "parent"), take_strings(table, "root")
    truth = pc.if_else(pc.is_valid(parents), parents, roots)
    is_inner = np.array(pc.not_equal(truth, roots), np.bool_)
    fold_of = np.arange(len(table)) % folds
    counts = np.zeros((4, len(WAYS)), np.int64)
    for fold in range(folds):
        shown = pc.if_else(pa.array(fold_of == fold), pa.scalar(None, pa.large_string()), parents)
        found = build_cascades(table.set_column(table.column_names.index("parent"), "parent", shown))
        nodes = found.below
        nodes = nodes[fold_of[found.rows[nodes]] == fold]
        rows = found.rows[nodes]
        guessed = take_known(found.fields.vocabulary, found.node_ids[found.parent[nodes]])
        is_right = np.array(pc.equal(guessed, truth.take(pa.array(rows)).cast(pa.string())).fill_null(False), np.bool_)
        how, inner = found.how[nodes], is_inner[rows]
        for line, chosen in enumerate((how, how[is_right], how[inner], how[inner & is_right])):
            counts[line] += np.bincount(chosen, minlength=len(WAYS))
    kept = [code for code, way in enumerate(WAYS) if counts[0, code] and way is not How.STATED]  # a repeat stated it
    names = ("judged", "right", "of_stated", "right_of_stated")
    columns = {name: pa.array(counts[line, kept]) for line, name in enumerate(names)}
    return pa.table({"how": pa.array([str(WAYS[code]) for code in kept], pa.string()), **columns})

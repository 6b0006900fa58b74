"""The table of accounts that can be had: its columns, prices and nodes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs import Graph


def get_column(accounts: pa.Table, name: str) -> pa.Array:
    """Return one column of the table of accounts; raises BadInput where it lacks it."""
    if name not in accounts.column_names:
        raise BadInput(
            Words(f"账号表里没有列“{name}”。", f"the table of accounts has no column {name}."),
            mend=Words("请加上这一列。", "Add it."),
        )
    return accounts[name].combine_chunks()


def read_costs(accounts: pa.Table) -> NDArray[np.int64]:
    """Return what each account costs; raises BadInput where one is no amount."""
    column = get_column(accounts, "cost")
    is_amount = pc.fill_null(pc.greater_equal(column, 0), False) if pa.types.is_integer(column.type) else None
    if is_amount is None or not pc.all(is_amount, min_count=0).as_py():
        row = 1 if is_amount is None else pc.index(is_amount, False).as_py() + 1
        raise BadInput(
            Words(f"第 {row} 行的 cost 不是金额。", f"row {row}: cost is no amount."),
            mend=Words("金额用最小单位（如分）的整数。", "Write amounts as integers of the minor unit, such as fen."),
        )
    costs: NDArray[np.int64] = column.to_numpy(zero_copy_only=False).astype(np.int64)
    return costs


def find_accounts(graph: Graph, accounts: pa.Table) -> NDArray[np.int64]:
    """Return each account's node; raises BadInput where one is none or stands twice."""
    ids = get_column(accounts, "id")
    numbers = graph.find_nodes(ids)
    if (numbers < 0).any():
        row = int(np.flatnonzero(numbers < 0)[0])
        raise BadInput(
            Words(
                f"第 {row + 1} 行：图里没有账号 {ids[row]}。", f"row {row + 1}: the graph has no account {ids[row]}."
            ),
            mend=Words("请检查编号，或去掉这一行。", "Check the id, or leave the row out."),
        )
    if len(np.unique(numbers)) < len(numbers):
        twice = ids[int(np.flatnonzero(np.bincount(numbers)[numbers] > 1)[1])]
        raise BadInput(
            Words(f"账号 {twice} 出现了两次。", f"the account {twice} stands twice."),
            mend=Words("每个账号一行、一个价格。", "Give each account one row and one price."),
        )
    return numbers


def read_numbers(accounts: pa.Table, name: str, least: float = 0.0) -> NDArray[np.float64]:
    """Return a column of numbers from ``least`` up, NaN where a cell is empty; raises BadInput with the row of others.

    A table without the column is all NaN.
    """
    if name not in accounts.column_names:
        return np.full(len(accounts), np.nan)
    column = get_column(accounts, name)
    if pa.types.is_null(column.type):
        return np.full(len(accounts), np.nan)
    is_number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    numbers = column.cast(pa.float64()).to_numpy(zero_copy_only=False) if is_number else np.full(len(accounts), -np.inf)
    wrong = np.flatnonzero((numbers < least) | np.isinf(numbers))
    if len(wrong):
        row = int(wrong[0])
        raise BadInput(
            Words(f"第 {row + 1} 行的 {name} 是 {column[row]}。", f"row {row + 1}: {name} is {column[row]}."),
            mend=Words(f"要写不小于 {least:g} 的数，或留空。", f"Write a number from {least:g} up, or leave it empty."),
        )
    return np.asarray(numbers, np.float64)

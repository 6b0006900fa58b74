"""Shapley's value, exactly: of any game of up to 20 players, and of journeys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import comb

import numpy as np

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.journeys.paths import Floats, Journeys

MOST_PLAYERS = 20


def compute_shapley(worth: Mapping[Iterable[str], float]) -> dict[str, float]:
    """Return each player's Shapley value of a game that states what every set of players is worth.

    It is the mean of what a player adds over all orders in which players may come; the empty set is worth 0. Source: L.
    S. Shapley (1953), A value for n-person games. Raises BadInput where a set is absent or there are over 20 players.

    >>> compute_shapley({("a",): 1.0, ("b",): 2.0, ("a", "b"): 5.0})
    {'a': 2.0, 'b': 3.0}
    """
    stated = {frozenset(players): float(value) for players, value in worth.items()}
    players = sorted(frozenset().union(*stated))
    check_players(players)
    bit = {player: 1 << place for place, player in enumerate(players)}
    values = np.full(1 << len(players), np.nan)
    values[0] = 0.0
    for members, value in stated.items():
        values[sum(bit[player] for player in members)] = value
    absent = np.flatnonzero(~np.isfinite(values))
    if len(absent):
        names = "+".join(player for player in players if int(absent[0]) & bit[player])
        raise BadInput(
            Words(f"没有说明 {names} 值多少。", f"What {names} is worth is not stated."),
            mend=Words("请给出每一组的值。", "State it for every set."),
        )
    return dict(zip(players, solve_game(values).tolist(), strict=True))


def solve_game(values: Floats) -> Floats:
    """Return the Shapley values of a game: ``values[s]`` is the worth of the set whose bits are ``s``."""
    count = len(values).bit_length() - 1
    sets = np.arange(len(values))
    sizes = sum(((sets >> place) & 1 for place in range(count)), np.zeros(len(values), np.int64))
    weights = np.array([1 / (count * comb(count - 1, size)) for size in range(count)])
    found = np.empty(count)
    for place in range(count):
        without = sets[(sets >> place) & 1 == 0]
        found[place] = weights[sizes[without]] @ (values[without | (1 << place)] - values[without])
    return found


def cover_paths(journeys: Journeys) -> Floats:
    """Return the covering game of journeys: a set of names is worth the conversions of the paths within it."""
    check_players(journeys.names)
    values = np.zeros(1 << len(journeys.names))
    pairs = np.unique(journeys.paths * max(len(journeys.names), 1) + journeys.codes)
    path, code = np.divmod(pairs, max(len(journeys.names), 1))
    members = np.bincount(path, (1 << code).astype(np.float64), len(journeys.conversions)).astype(np.int64)
    np.add.at(values, members, np.where(journeys.lengths > 0, journeys.conversions, 0.0))
    for place in range(len(journeys.names)):  # sums over all subsets, one player at a time
        halves = values.reshape(-1, 2, 1 << place)
        halves[:, 1] += halves[:, 0]
    return values


def check_players(players: Iterable[str]) -> None:
    """Refuse more players than can be counted through."""
    count = len(tuple(players))
    if count > MOST_PLAYERS:
        raise BadInput(
            Words(f"{count} 个渠道的所有组合太多。", f"All sets of {count} channels are too many."),
            mend=Words(f"请合并到 {MOST_PLAYERS} 个以内。", f"Merge them to at most {MOST_PLAYERS}."),
        )

"""Recomputes a draw from its published file, and says what does not hold; pure, no database."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from canyu.kit.errors import BadInput
from canyu.kit.jsonio import parse_json
from canyu.kit.words import Words
from canyu.ops.offers.drops.draw import ALGORITHM, Name, choose_winners, commit_seed, rank_entrants

NEEDED = ("algorithm", "commitment", "seed", "beacon", "units", "ranked")


def verify_draw(text: str) -> dict[str, Any]:
    """Return whether a published draw is what its commitment and entrants make it, and who wins by it.

    Raises BadInput where the text is no file of a draw. ``is_right`` is False with ``fault`` in words where the seed is
    not the one committed to, or the published order is not the one that is recomputed.
    """
    given = _read(text)
    names = [Name(one["id"], one.get("market") or "") for one in given["ranked"]]
    markets = {one.id: one for one in names}
    order = rank_entrants(given["seed"], given["beacon"], [one.id for one in names])
    fault = None
    if not hmac.compare_digest(commit_seed(given["seed"]), given["commitment"]):
        fault = Words("种子与事先公布的承诺不符。", "The seed is not the one that was committed to.")
    elif len(markets) != len(names):
        fault = Words("有人出现了两次。", "Somebody is in it twice.")
    elif order != [one.id for one in names]:
        fault = Words("公布的次序不是重算的次序。", "The published order is not the one that is recomputed.")
    winners = choose_winners([markets[one] for one in order], given["units"], given.get("quotas") or {})
    return {
        "is_right": fault is None,
        "fault": None if fault is None else str(fault),
        "algorithm": ALGORITHM,
        "entrants": len(names),
        "units": given["units"],
        "winners": winners,
    }


def _read(text: str) -> Mapping[str, Any]:
    try:
        given = parse_json(text)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise _refuse(Words("文件不是 JSON 对象。", "The file is no JSON object."))
    lacking = [name for name in NEEDED if name not in given]
    if lacking:
        raise _refuse(Words(f"缺少 {'、'.join(lacking)}。", f"It lacks {', '.join(lacking)}."))
    if given["algorithm"] != ALGORITHM:
        raise _refuse(Words(f"算法不是 {ALGORITHM}。", f"Its algorithm is not {ALGORITHM}."))
    texts = (given["seed"], given["beacon"], given["commitment"])
    ranked, quotas = given["ranked"], given.get("quotas") or {}
    is_list = isinstance(ranked, list) and all(
        isinstance(one, dict) and isinstance(one.get("id"), str) for one in ranked
    )
    is_counts = isinstance(quotas, dict) and all(_is_count(one) for one in (given["units"], *quotas.values()))
    if not is_list or not is_counts or not all(isinstance(one, str) for one in texts):
        raise _refuse(
            Words(
                "seed、beacon、ranked、units 或 quotas 的写法不对。",
                "One of seed, beacon, ranked, units, quotas is unfit.",
            )
        )
    return given


def _is_entrant(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("id"), str) and isinstance(value.get("market", ""), str)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _refuse(message: Words) -> BadInput:
    return BadInput(
        message, mend=Words("请用活动页下载的抽签文件。", "Take the file of the draw from the page of the drop.")
    )

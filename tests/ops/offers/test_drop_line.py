"""The line of one drop in one process: a writer that takes nothing leaves nobody waiting."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any

import pytest

from canyu.ledger import LedgerBusy
from canyu.ops.offers.drops.claiming.rules import Answer, Answered, Ask
from canyu.ops.offers.drops.door import DropDoor

ASK = Ask("guest:one", "", "", "", "")


class Writer:
    """Takes no group at first, and judges each later one at once."""

    def __init__(self) -> None:
        self.is_full = True

    def submit(self, _work: Any) -> Future[list[Answer]]:
        if self.is_full:
            raise LedgerBusy("")
        done: Future[list[Answer]] = Future()
        done.set_result([Answer(Answered.ENTERED)])
        return done


def test_who_waits_is_answered_where_the_writer_is_full_and_the_next_one_is_judged() -> None:
    door, writer = DropDoor(), Writer()
    door._writer = writer  # type: ignore[assignment]

    async def come() -> Answer:
        return await asyncio.wait_for(door._ask("gold", ASK), 10)

    async def run() -> list[Any]:
        refused = await asyncio.gather(come(), come(), return_exceptions=True)
        writer.is_full = False
        return [*refused, await come()]

    first, second, third = asyncio.run(run())
    assert [type(one) for one in (first, second)] == [LedgerBusy, LedgerBusy]
    assert third == Answer(Answered.ENTERED)
    with pytest.raises(LedgerBusy):
        raise first

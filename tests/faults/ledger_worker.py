"""A program that keeps transfers in groups until it is killed, and writes each down once it is acknowledged."""

from __future__ import annotations

import os
import sys
from concurrent.futures import Future
from threading import Lock, Semaphore
from typing import Any

from canyu.ledger import GroupWriter, Linked, Settle, Transfer, Verdict, open_ledger
from canyu.ledger.operations import Hold


def main() -> None:
    address, first, log = sys.argv[1], int(sys.argv[2]), os.open(sys.argv[3], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    lock, room = Lock(), Semaphore(400)

    def note(name: str, future: Future[Any]) -> None:
        room.release()
        if future.result()[0].verdict is Verdict.DONE:
            with lock:
                os.write(log, f"{name}\n".encode())

    with GroupWriter(lambda: open_ledger(address), most=100) as writer:
        for number in range(first, first + 1_000_000):
            room.acquire()
            name = f"t{number}"
            sale = Transfer(name, "free", "sold", 1, "piece")
            # A transfer, or a hold settled at once: both rows or none.
            pair = Linked((Hold(f"h{number}", "free", "sold", 1, "piece"), Settle(name, f"h{number}")))
            future = writer.apply([pair if number % 5 == 0 else sale])
            future.add_done_callback(lambda done, name=name: note(name, done))


if __name__ == "__main__":
    main()

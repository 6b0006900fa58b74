"""Work done at the same instant by threads, each on a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connections

from canyu.kit.errors import CanyuError


def run_together(*works: Callable[[], object]) -> list[str]:
    """Run all at once on connections of their own; return what was refused."""
    gate, faults = threading.Barrier(len(works)), []

    def run(work: Callable[[], object]) -> None:
        gate.wait()
        try:
            work()
        except CanyuError as error:
            faults.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults

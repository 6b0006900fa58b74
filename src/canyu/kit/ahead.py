"""Work on several threads, results in order, and only a few items in hand at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
WORKERS = 2
IN_HAND = 3  # items at once: memory does not grow with their number


def work_ahead(work: Callable[[Item], Result], items: Iterable[Item], *, workers: int = WORKERS) -> Iterator[Result]:
    """Yield ``work`` of each item in order, a few items ahead on other threads; an error comes in its place.

    >>> list(work_ahead(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[Result]] = deque()
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > max(workers, IN_HAND - 1):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

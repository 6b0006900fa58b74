"""One way to compile a kernel: ahead of its first call, kept on disk where the disk allows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
from numba import types

Kernel = TypeVar("Kernel", bound=Callable[..., object])


def read_only(kind: Any, dimensions: int = 1) -> Any:
    """Return the type of an array that is only read: Arrow's buffers are such, writable ones convert to it."""
    return types.Array(kind, dimensions, "C", readonly=True)


tuple_of: Any = types.Tuple  # numba declares no types of its own
CODES = read_only(types.int32)
OFFSETS = read_only(types.int64)


def compile_kernel(signature: Any, *, inline: bool = False, borrow: bool = False) -> Callable[[Kernel], Kernel]:
    """Compile for exactly ``signature``, without the interpreter lock; keeps the machine code between processes.

    ``signature`` of None: for the types of the first call. ``inline``: put it into its callers, for what is called
    once per text with tuples of arrays: to pass a dozen of them takes as long as some of the work.

    ``borrow``: it makes no array and keeps none, so that those of its caller need not be counted: where a loop takes
    arrays out of a tuple, counting them (one locked step each) takes as long as the work.

    Where no cache folder can be written (a read-only installation without a home), it compiles at each start
    (a second or two) instead of failing.
    """
    options: dict[str, Any] = {"nogil": True, "forceinline": inline, **({"_nrt": False} if borrow else {})}

    def decorate(function: Kernel) -> Kernel:
        try:
            compiled: Kernel = numba.njit(signature, cache=True, **options)(function)
        except RuntimeError as error:
            if "cannot cache" not in str(error):
                raise
            compiled = numba.njit(signature, **options)(function)
        return compiled

    return decorate

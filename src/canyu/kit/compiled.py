"""One way to compile a kernel: for one signature, when it is first called, kept on disk where the disk allows it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba import types
from numba.core.compiler_lock import global_compiler_lock

Function = TypeVar("Function", bound=Callable[..., object])


def read_only(kind: Any, dimensions: int = 1) -> Any:
    """Return the type of an array that is only read: Arrow's buffers are such, writable ones convert to it."""
    return types.Array(kind, dimensions, "C", readonly=True)


tuple_of: Any = types.Tuple  # numba declares no types of its own
CODES = read_only(types.int32)
OFFSETS = read_only(types.int64)


class Kernel:
    """A function that is compiled, or read from the cache, the first time that it is called.

    A program imports every kernel of the house and calls a few: to load them all took a console's process seconds at
    each start, and to compile them all took a fresh machine minutes.
    """

    def __init__(self, function: Callable[..., object], signature: Any, options: dict[str, Any]) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self._signature = signature
        self._options = options
        self._compiled: Any = None

    def __call__(self, *arguments: Any) -> Any:
        """Return what the compiled function returns; TypeError for arguments that its signature does not take."""
        return (self._compiled or self.compile())(*arguments)

    def compile(self) -> Any:
        """Return numba's dispatcher of the function, compiled for its signature once, whichever thread asks first."""
        with global_compiler_lock:
            if self._compiled is None:
                self._compiled = self._compile()
            return self._compiled

    def _compile(self) -> Any:
        try:
            return numba.njit(self._signature, cache=True, **self._options)(self.function)
        except RuntimeError as error:
            if "cannot cache" not in str(error):
                raise
            return numba.njit(self._signature, **self._options)(self.function)

    @property
    def _numba_type_(self) -> Any:
        """What numba asks of a name in a kernel that calls this one: the type of the compiled function."""
        return self.compile()._numba_type_

    def __reduce__(self) -> str:
        return self.function.__qualname__  # other processes find it by its name, as they find a function


def compile_kernel(signature: Any, *, inline: bool = False, borrow: bool = False) -> Callable[[Function], Function]:
    """Compile for exactly ``signature``, without the interpreter lock; keeps the machine code between processes.

    ``signature`` of None: for the types of each first call. ``inline``: put it into its callers, for what is called
    once per text with tuples of arrays: to pass a dozen of them takes as long as some of the work.

    ``borrow``: it makes no array and keeps none, so that those of its caller need not be counted: where a loop takes
    arrays out of a tuple, counting them (one locked step each) takes as long as the work.

    Where no cache folder can be written (a read-only installation without a home), it compiles in each process
    (a second or two) instead of failing.
    """
    options: dict[str, Any] = {"nogil": True, "forceinline": inline, **({"_nrt": False} if borrow else {})}

    def decorate(function: Function) -> Function:
        return cast("Function", Kernel(function, signature, options))

    return decorate

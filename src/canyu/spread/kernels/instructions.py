"""Instructions of the processor that Python has no word for."""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils, types
from numba.cpython.unsafe import numbers
from numba.extending import intrinsic


def _prefetch(typing: Any, array: Any, index: Any) -> Any:  # noqa: ARG001 - the contract of numba
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        tools: Any = cgutils
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        byte = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte.type, number, number, number])
        function = tools.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [byte, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, index), generate


prefetch: Any = intrinsic(_prefetch)
"""``prefetch(array, index)``: bring that line of memory into the cache, without waiting: walks wait for little else."""

count_trailing_zeros: Any = numbers.trailing_zeros
"""``count_trailing_zeros(number)``: the place of the lowest bit that is set."""

"""Calls machine code the way numba's own code calls it, with no part of numba in the process.

A compiled function takes, each as one word of 64 bits: where to put the result, where to put the
reason of a failure, and its arguments taken apart. An array is taken apart into an owner and a
parent (none here: the caller holds on to it), the number of elements, the bytes of one, the
address, the shape and the strides (numba's ``ArrayModel``). It returns 0, or says that it failed.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.cache import Kept

if TYPE_CHECKING:
    from llvmlite.binding import ExecutionEngine, TargetMachine

__all__ = ["Call", "Result", "Routine", "link", "target_machine"]

Result: TypeAlias = Any
"""What is returned: None, "int", ["array", dtype, dimensions] or ["tuple", results ...]."""
HEAD = 5
"""Words of an array before its shape."""
NUMBERS = "biufc"
LARGEST = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Call:
    """Arguments, taken apart.

    Attributes:
        signature: what kinds of argument they are; machine code is made for each.
        words: the arguments as 64-bit words.
        arrays: the arrays among them, which must stay alive.
    """

    signature: str
    words: list[int]
    arrays: list[NDArray[Any]]

    @classmethod
    def of(cls, args: tuple[Any, ...]) -> Call | None:
        """Take arguments apart; None if there is one of a kind that only numba knows how to."""
        words: list[int] = []
        arrays: list[NDArray[Any]] = []
        parts = [_part(arg, words, arrays) for arg in args]
        return None if None in parts else cls(",".join(map(str, parts)), words, arrays)


def _part(arg: Any, words: list[int], arrays: list[NDArray[Any]]) -> str | None:
    if type(arg) is np.ndarray:
        dtype, flags = arg.dtype, arg.flags
        if dtype.kind not in NUMBERS or not (dtype.isnative and flags.c_contiguous):
            return None
        if not flags.aligned:
            return None
        words += (0, 0, arg.size, dtype.itemsize, arg.ctypes.data, *arg.shape, *arg.strides)
        arrays.append(arg)
        return f"{dtype.str}[{arg.ndim}{'' if flags.writeable else ' frozen'}]"
    if type(arg) is int or type(arg) is np.int64:
        words.append(int(arg))
        return "int" if -LARGEST <= arg <= LARGEST else None
    if isinstance(arg, tuple) and hasattr(arg, "_fields"):
        parts = [_part(item, words, arrays) for item in arg]
        name = f"{type(arg).__module__}.{type(arg).__qualname__}"
        return None if None in parts else f"{name}({','.join(map(str, parts))})"
    return None


class Routine:
    """Machine code that can be called."""

    def __init__(self, address: int, result: Result, engine: ExecutionEngine) -> None:
        self._address = address
        self._result = result
        self._size = max(_size(result), 1)
        self._function: Any = None
        self._engine = engine  # owns the code

    def __call__(self, call: Call) -> Any:
        """Run it.

        Raises:
            MemoryError: it could not allocate what it needs; kernels raise nothing else.
        """
        if self._function is None:
            words = [ctypes.c_int64] * len(call.words)
            prototype = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *words)
            self._function = prototype(self._address)
        given = (ctypes.c_int64 * self._size)()
        reason = ctypes.c_void_p()
        status = self._function(ctypes.addressof(given), ctypes.addressof(reason), *call.words)
        if status not in (0, NONE):
            raise MemoryError(f"a coding kernel could not go on (status {status})")
        return _read(self._result, list(given), call.arrays)


NONE = -2
"""Status of a function that returned None where it might have returned something."""


def _size(result: Result) -> int:
    if result is None or result == "int":
        return 0 if result is None else 1
    return HEAD + 2 * result[2] if result[0] == "array" else sum(map(_size, result[1:]))


def _read(result: Result, words: list[int], arrays: list[NDArray[Any]]) -> Any:
    if result is None:
        return None
    if result == "int":
        return words[0]
    if result[0] == "array":
        return _array(np.dtype(result[1]), result[2], words, arrays)
    made = []
    for part in result[1:]:
        made.append(_read(part, words, arrays))
        words = words[_size(part) :]
    return tuple(made)


def _array(
    dtype: np.dtype[Any], ndim: int, words: list[int], arrays: list[NDArray[Any]]
) -> NDArray[Any]:
    """Give the argument that was returned, or a copy of a new array, whose memory is let go of."""
    owner, _, _, _, address = words[:HEAD]
    shape = tuple(words[HEAD : HEAD + ndim])
    for array in arrays:
        if not owner and array.ctypes.data == address and array.shape == shape:
            return array
    made = np.empty(shape, dtype=dtype)
    ctypes.memmove(made.ctypes.data, address, made.nbytes)
    if owner:
        _let_go(owner)
    return made


def _let_go(owner: int) -> None:
    """Count one reference less, as ``emit`` lays the owner of an array out; free the last."""
    count = ctypes.c_size_t.from_address(owner)
    count.value -= 1
    if not count.value:
        ctypes.pythonapi.PyMem_RawFree(ctypes.c_void_p(owner))


def target_machine() -> TargetMachine:
    """Describe this processor to LLVM; an engine takes the description over."""
    from llvmlite import binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="default",
        codemodel="jitdefault",
        jit=True,
    )


def link(kept: Kept) -> Routine:
    """Place an object file in memory, ready to run."""
    from llvmlite import binding as llvm

    # An engine for each: the names within two object files may be the same.
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target_machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(kept.code))
    engine.finalize_object()
    return Routine(engine.get_function_address(kept.symbol), kept.result, engine)

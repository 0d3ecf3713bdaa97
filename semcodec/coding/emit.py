"""Compiles a kernel with numba to an object file that needs nothing of numba to run.

What numba's code asks of numba's runtime is memory for arrays; the few functions of it are defined
here, in the object file itself, over ``PyMem_RawMalloc``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numba
from llvmlite import binding as llvm
from llvmlite import ir
from numba import types
from numba.extending import typeof_impl
from numba.np.numpy_support import as_dtype

from semcodec.coding.cache import Kept
from semcodec.coding.jit import OPTIONS, Kernel
from semcodec.coding.native import Result, target_machine

__all__ = ["emit", "teach_numba"]

WORD = ir.IntType(64)
HEADER = 64
"""Bytes before an array's own memory; numba's ``MemInfo`` takes 48 of them."""
ALIGNMENT = 32
UNSUPPORTED = "unsupported"
njit: Any = numba.njit  # its options for code without an interpreter are left out of its types
typeof: Any = numba.typeof


@cache
def teach_numba() -> None:
    """Let a compiled function call kernels."""

    @typeof_impl.register(Kernel)
    def _(kernel: Kernel, _: Any) -> Any:
        return typeof(_dispatcher(kernel.function))


@cache
def _dispatcher(function: Callable[..., Any]) -> Any:
    # Its callers are machine code, so that what the interpreter would need is left out.
    return njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **OPTIONS)(function)


def emit(function: Callable[..., Any], args: tuple[Any, ...]) -> Kept | None:
    """Compile a function for the types of some arguments.

    Returns:
        The object file; None if it would need more than there is without numba, or this version
        of numba lays memory out in a way not known here.
    """
    teach_numba()
    dispatcher = _dispatcher(function)
    signature = tuple(map(typeof, args))
    dispatcher.compile(signature)
    result = _result(dispatcher.overloads[signature].signature.return_type)
    module = llvm.parse_assembly(dispatcher.inspect_llvm(signature))
    [entry] = (f for f in module.functions if not f.is_declaration and f.linkage.name == "external")
    if result == UNSUPPORTED or not _layout_is_known():
        return None
    module.link_in(llvm.parse_assembly(str(_runtime(module.triple, module.data_layout))))
    for item in (*module.functions, *module.global_variables):
        if not item.is_declaration and item.name != entry.name:
            item.linkage = "internal"
    if not all(map(_is_at_hand, (*module.functions, *module.global_variables))):
        return None
    return Kept(entry.name, result, target_machine().emit_object(module))


def _result(kind: Any) -> Result:
    if kind == types.none:
        return None
    if kind == types.int64:
        return "int"
    if isinstance(kind, types.Array) and kind.layout == "C":
        return ["array", as_dtype(kind.dtype).str, kind.ndim]
    if isinstance(kind, types.Tuple | types.UniTuple):
        parts = [_result(item) for item in kind]
        return UNSUPPORTED if UNSUPPORTED in parts else ["tuple", *parts]
    return UNSUPPORTED


def _is_at_hand(item: llvm.ValueRef) -> bool:
    """Whether a name is defined, or any later process will find it: a missing one aborts it."""
    name: str = item.name
    if not item.is_declaration:
        return True
    if name.startswith("llvm."):
        base, *kinds = name.removeprefix("llvm.").split(".")
        # On floats it may stand for a function of the C library.
        return kinds[-1:] not in (["f64"], ["f32"]) or base in {"fabs", "floor", "log10", "sqrt"}
    return name.startswith("Py") and llvm.address_of_symbol(name) is not None


def _layout_is_known() -> bool:
    """Whether numba lays out the owner of an array as ``_runtime`` does."""
    from numba.core.runtime import nrtdynmod

    known = ir.LiteralStructType([WORD, *[ir.IntType(8).as_pointer()] * 3, WORD])
    return bool(getattr(nrtdynmod, "_meminfo_struct_type", None) == known)


def _runtime(triple: str, data_layout: str) -> ir.Module:
    """Define the part of numba's runtime that allocates."""
    module = ir.Module("runtime")
    module.triple, module.data_layout = triple, data_layout
    pointer = ir.IntType(8).as_pointer()
    nothing = ir.VoidType()
    malloc = ir.Function(module, ir.FunctionType(pointer, [WORD]), "PyMem_RawMalloc")
    free = ir.Function(module, ir.FunctionType(nothing, [pointer]), "PyMem_RawFree")

    def define(name: str, result: Any, *arguments: Any) -> tuple[ir.Function, ir.IRBuilder]:
        function = ir.Function(module, ir.FunctionType(result, arguments), name)
        return function, ir.IRBuilder(function.append_basic_block())

    aligned = "NRT_MemInfo_alloc_aligned"
    _define_alloc(*define(aligned, pointer, WORD, ir.IntType(32)), malloc)
    function, builder = define("NRT_MemInfo_alloc_safe_aligned", pointer, WORD, ir.IntType(32))
    builder.ret(builder.call(module.get_global(aligned), function.args))
    for name in ("NRT_MemInfo_alloc", "NRT_MemInfo_alloc_safe"):
        function, builder = define(name, pointer, WORD)
        alignment = ir.Constant(ir.IntType(32), ALIGNMENT)
        builder.ret(builder.call(module.get_global(aligned), [function.args[0], alignment]))
    function, builder = define("NRT_Allocate", pointer, WORD)
    builder.ret(builder.call(malloc, function.args))
    for name in ("NRT_Free", "NRT_MemInfo_call_dtor"):
        function, builder = define(name, nothing, pointer)
        builder.call(free, function.args)
        builder.ret_void()
    return module


def _define_alloc(function: ir.Function, builder: ir.IRBuilder, malloc: ir.Function) -> None:
    """Allocate an owner, with its memory behind it: count 1, no destructor, address and size."""
    size, alignment = function.args
    alignment = builder.zext(alignment, WORD)
    total = builder.add(builder.add(size, alignment), ir.Constant(WORD, HEADER))
    owner = builder.call(malloc, [total])
    failed = builder.icmp_unsigned("==", owner, ir.Constant(owner.type, None))
    with builder.if_then(failed, likely=False):
        builder.ret(owner)
    first = builder.add(builder.ptrtoint(owner, WORD), ir.Constant(WORD, HEADER))
    first = builder.add(first, builder.sub(alignment, ir.Constant(WORD, 1)))
    first = builder.and_(first, builder.neg(alignment))
    nothing = ir.Constant(WORD, 0)
    words = builder.bitcast(owner, WORD.as_pointer())
    for place, word in enumerate((ir.Constant(WORD, 1), nothing, nothing, first, size, nothing)):
        builder.store(word, builder.gep(words, [ir.Constant(ir.IntType(32), place)]))
    builder.ret(owner)

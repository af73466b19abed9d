"""sklearn.preprocessing._function_transformer: the identity, and numpy's functions that have an operator of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.preprocessing import FunctionTransformer
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, Part, SparsePart, working
from ....graph.values import cast, constant_like
from ...registry import converts
from .. import elementary
from ..special import expm1, log1p

FUNCTIONS: dict[Callable[..., object], Callable[[Var], Var]] = {
    np.log: lambda x: ops.log(x),
    np.log1p: log1p,
    np.log2: lambda x: ops.div(ops.log(x), constant_like(x, np.log(2.0))),
    np.log10: lambda x: ops.div(ops.log(x), constant_like(x, np.log(10.0))),
    np.exp: lambda x: ops.exp(x),
    np.expm1: expm1,
    np.sqrt: lambda x: ops.sqrt(x),
    np.square: lambda x: ops.mul(x, x),
    np.abs: lambda x: ops.abs(x),
    np.negative: lambda x: ops.neg(x),
    np.sign: lambda x: ops.sign(x),
    np.floor: lambda x: ops.floor(x),
    np.ceil: lambda x: ops.ceil(x),
    np.rint: lambda x: ops.round(x),
    np.sin: lambda x: ops.sin(x),
    np.cos: lambda x: ops.cos(x),
    np.tanh: elementary.tanh,
    np.reciprocal: lambda x: ops.reciprocal(x),
    np.sinh: elementary.sinh,
    np.cosh: elementary.cosh,
    np.arcsinh: elementary.arcsinh,
    np.arctanh: elementary.arctanh,
    np.exp2: lambda x: ops.pow(constant_like(x, 2.0), x),
    np.cbrt: elementary.cbrt,
    np.trunc: lambda x: ops.where(ops.less(x, constant_like(x, 0.0)), ops.ceil(x), ops.floor(x)),
    np.fabs: lambda x: ops.abs(x),
    np.positive: lambda x: ops.identity(x),
    np.deg2rad: lambda x: ops.mul(x, constant_like(x, np.pi / 180.0)),
    np.rad2deg: lambda x: ops.mul(x, constant_like(x, 180.0 / np.pi)),
    np.isnan: lambda x: ops.isnan(x),
    np.isinf: lambda x: ops.isinf(x),
    np.isfinite: lambda x: ops.not_(ops.or_(ops.isnan(x), ops.isinf(x))),
}
PREDICATES = (np.isnan, np.isinf, np.isfinite)
WHOLE = (np.floor, np.ceil, np.trunc)  # of whole numbers they are the identity


@converts(FunctionTransformer)
def function_transformer(transformer: FunctionTransformer, block: Block) -> Block:
    """`func` on every column, in the dtype in which numpy computes it."""
    function = transformer.func
    columns = block
    if transformer.validate:
        if block.is_string:
            raise UnsupportedError("FunctionTransformer(validate=True) of text", hint="scikit-learn refuses it too")
        columns = block.numeric()
    if function is None:
        return columns
    if not isinstance(function, np.ufunc) or function not in FUNCTIONS or transformer.kw_args:
        name = getattr(function, "__qualname__", getattr(function, "__name__", repr(function)))
        raise UnsupportedError(
            f"FunctionTransformer of {getattr(function, '__module__', None) or 'numpy'}.{name}",
            expected=" | ".join(f"numpy.{f.__name__}" for f in FUNCTIONS),
            hint="keyword arguments are not converted" if transformer.kw_args else None,
        )
    with np.errstate(divide="ignore"):
        if block.sparse and function(0.0) != 0:
            raise UnsupportedError(f"numpy.{function.__name__} of a sparse matrix")
    return replace(columns, parts=tuple(_apply(function, p) for p in columns.parts))


def _apply(function: np.ufunc, part: Part | SparsePart) -> Part | SparsePart:
    if part.is_string or part.datetime:
        raise UnsupportedError(f"numpy.{function.__name__} of text or datetimes")
    taken, given = _resolved(function, part.dtype)
    if taken.kind in "iub" and given == taken and function in WHOLE:
        return part
    kinds = (np.float64, np.float32) if function in PREDICATES else (np.float64, np.float32, np.int64, np.int32)
    alike = given == np.bool_ if function in PREDICATES else taken == given
    if not alike or taken not in kinds:
        raise UnsupportedError(f"numpy.{function.__name__} of {part.dtype}", hint="cast the column to float64 first")
    if taken.kind == "i" and function is np.reciprocal:
        raise UnsupportedError("numpy.reciprocal of integers", hint="cast the column to float64 first")
    if isinstance(part, SparsePart) and function(0.0) == 0 and function not in PREDICATES:
        entries = part.entries.cast(working(taken))
        return replace(part, entries=replace(entries, values=FUNCTIONS[function](entries.values)))
    return Part(FUNCTIONS[function](cast(part.var, working(taken))), part.width, part.names)


def _resolved(function: np.ufunc, dtype: np.dtype[Any]) -> tuple[np.dtype[Any], np.dtype[Any]]:
    """The dtypes in which numpy computes the function and answers."""
    if function in PREDICATES and dtype.kind in "iub":  # numpy has a loop of their own for them, which answers without looking
        return np.dtype(np.float64), np.dtype(np.bool_)
    try:
        taken, given = function.resolve_dtypes((dtype, None))
    except TypeError:
        raise UnsupportedError(f"numpy.{function.__name__} of {dtype}", hint="numpy refuses it too") from None
    return taken, given

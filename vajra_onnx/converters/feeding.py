"""How a network inside of a chain is fed with what the step before it makes: one table of numbers, in the dtype that the network
declares. Once in numpy, for the original, and once in the graph: the two have to be the same.

Keras itself rounds a float64 table to the float32 of its input; so does numpy's and ONNX's cast, to the nearest. Where numbers
become integers (an OrdinalEncoder before an Embedding), casts of what is no whole number of that type differ from one framework
to the next: both refuse it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from spox import Var

from .. import dtypes
from ..errors import InputError, UnsupportedError
from ..graph import ops
from ..graph.block import Block
from ..graph.refuse import refuse_where
from ..graph.values import cast, constant, constant_like, dtype_of, width_of
from ..schema import Column

WHOLE = "a whole number that the network's input can hold"
EXACT_INTEGERS = 2**53  # beyond it, float64 does not hold every integer


def table_of(given: Any) -> np.ndarray:
    """What a step made as one dense array of numbers: sparse matrices become dense, and objects float64, as in scikit-learn."""
    array = np.asarray(given.toarray() if hasattr(given, "toarray") else given)
    return array.astype(np.float64) if array.dtype == object else array


def fed(column: Column, given: Any) -> np.ndarray:
    """The array that the network is given. Raises InputError for numbers that the dtype of its input cannot hold."""
    table, wanted = table_of(given), _declared(column)
    if table.dtype.kind not in "iufb":
        raise InputError("the input of a network", expected=f"numbers as {wanted}", got=str(table.dtype))
    _check_width(column, table.shape[1])
    if wanted.kind in "iu" and table.dtype.kind in "iuf":
        low, high = _bounds(wanted, table.dtype)
        if not (np.floor(table) == table).all() or (table < low).any() or (table > high).any():
            raise InputError("the input of a network", expected=WHOLE, got="another number")
    return table.astype(wanted)


def fed_block(column: Column, block: Block) -> Var:
    """The variable that the network's graph is given: `fed` in operators."""
    table, wanted = block.numeric().matrix(), _declared(column)
    if dtype_of(table).kind not in "iufb":
        raise UnsupportedError("text for a network's input", hint="encode it in a step before, for example with OrdinalEncoder")
    _check_width(column, block.width)
    if width_of(table) != block.width:
        table = ops.reshape(table, constant([-1, block.width], np.int64))
    if wanted.kind in "iu" and dtype_of(table).kind in "iuf":
        table = _whole(table, wanted)
    return cast(table, wanted)


def _whole(table: Var, wanted: np.dtype[Any]) -> Var:
    low, high = _bounds(wanted, dtype_of(table))
    wrong = ops.or_(ops.less(table, constant_like(table, low)), ops.greater(table, constant_like(table, high)))
    if dtype_of(table).kind == "f":
        wrong = ops.or_(wrong, ops.not_(ops.equal(ops.floor(table), table)))
    return refuse_where(table, wrong, f"the input of a network: expected {WHOLE}")


def _bounds(wanted: np.dtype[Any], given: np.dtype[Any]) -> tuple[Any, Any]:
    """The least and the largest number, exact in the dtype that is given."""
    limits = [np.iinfo(wanted).min, np.iinfo(wanted).max]
    if given.kind == "f":
        exact = EXACT_INTEGERS if given == np.float64 else 2**24
        limits = [max(limits[0], -exact), min(limits[1], exact)]
    else:
        limits = [max(limits[0], np.iinfo(given).min), min(limits[1], np.iinfo(given).max)]
    return given.type(limits[0]), given.type(limits[1])


def _declared(column: Column) -> np.dtype[Any]:
    wanted = dtypes.dtype(column.dtype).numpy
    if wanted.kind not in "iufb" or len(column.shape) != 2:
        shape = "x".join("N" if size is None else str(size) for size in column.shape)
        raise UnsupportedError(_input(column), expected="a table of numbers [N, F]", got=f"{column.dtype} {shape}")
    return np.dtype(wanted)


def _check_width(column: Column, width: int) -> None:
    if column.shape[1] not in (None, width):
        raise UnsupportedError(_input(column), expected=f"{column.shape[1]} columns", got=f"{width} from the step before")


def _input(column: Column) -> str:
    return f"the input {column.name!r} of a network in a chain"

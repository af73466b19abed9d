"""How a network inside of a chain is fed with what the step before it makes: a table of numbers for each of its inputs, in the
dtype that it declares. Once in numpy, for the original, and once in the graph: the two have to be the same.

Keras itself rounds a float64 table to the float32 of its input; so does numpy's and ONNX's cast, to the nearest. Where numbers
become integers (an OrdinalEncoder before an Embedding), casts of what is no whole number of that type differ from one framework
to the next: both refuse it, as they refuse a number that float32 does not hold. What a network makes of an infinity is its
backend's own affair.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from .networks import Network, network_of

# So many rows stand for the data where a network has to be traced to know what it computes.
EXAMPLE_ROWS = 3
WHOLE = "a whole number that the network's input can hold"
EXACT_INTEGERS = 2**53  # beyond it, float64 does not hold every integer


def asked(network: Network, given: Any) -> dict[str, np.ndarray]:
    """What the original says to one table, or to a dict of tables by input."""
    if network.answer is None:
        raise UnsupportedError(f"the original cannot be asked: {network.unable}")
    return network.answer({column.name: fed(column, table) for column, table in _paired(network, given)})


def emitted(part: Any, given: Block | Mapping[str, Block], refusing: bool = True) -> dict[str, Any]:
    """The outputs of a network that is fed with one block, or with a dict of blocks by input. refusing: numbers that float32 does
    not hold, as `asked` does; a wrapper of another library hands infinities on."""
    network = _network(part, given)
    return network.emit({column.name: fed_block(column, block, refusing) for column, block in _paired(network, given)})


def described(part: Any, given: Any) -> Network:
    """The network that a part is, for one table, or for a dict of tables by input."""
    return _network(part, {n: table_of(t) for n, t in given.items()} if isinstance(given, Mapping) else table_of(given))


def only_table(answers: Mapping[str, Any]) -> Any:
    """The one output [N, K] of a network that another part follows: an array, or a variable."""
    if len(answers) != 1:
        raise UnsupportedError("a network before the end of a chain", expected="one output", got=", ".join(answers))
    ((name, value),) = answers.items()
    shape = value.shape if isinstance(value, np.ndarray) else value.unwrap_tensor().shape
    if shape is None or len(shape) != 2 or not isinstance(shape[1], int):
        raise UnsupportedError(f"the output {name!r} of a network before the end of a chain", expected="[N, K]", got=f"{shape}")
    return value


def _network(part: Any, given: Any) -> Network:
    network = network_of(part, {n: _example(t) for n, t in given.items()} if isinstance(given, Mapping) else _example(given))
    assert network is not None
    return network


def _example(given: Block | np.ndarray) -> np.ndarray:
    """Rows like those that are given; networks compute with float32, whatever floats a table has."""
    width = given.width if isinstance(given, Block) else given.shape[1]
    return np.zeros((EXAMPLE_ROWS, width), given.dtype if given.dtype.kind in "iu" else np.float32)


def _paired(network: Network, given: Any) -> list[tuple[Column, Any]]:
    """Every input with its table. Raises UnsupportedError for other names, and for one table where there are several inputs."""
    names = ", ".join(column.name for column in network.inputs)
    if isinstance(given, Mapping):
        if set(given) != {column.name for column in network.inputs}:
            raise UnsupportedError("the inputs of a network in a chain", expected=names, got=", ".join(given))
        return [(column, given[column.name]) for column in network.inputs]
    if len(network.inputs) != 1:
        hint = f"put a dict of parts before it: {{{', '.join(f'{c.name!r}: ...' for c in network.inputs)}}}"
        raise UnsupportedError(
            "a network of several inputs in a chain", expected=f"a table for each of {names}", got="one", hint=hint
        )
    return [(network.inputs[0], given)]


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
    with np.errstate(over="ignore"):
        result = table.astype(wanted)
    if _narrower(table.dtype, wanted) and (np.isinf(result) & ~np.isinf(table)).any():
        raise InputError("the input of a network", expected=f"a number that {wanted} holds", got="a larger one")
    return result


def fed_block(column: Column, block: Block, refusing: bool = True) -> Var:
    """The variable that the network's graph is given: `fed` in operators."""
    table, wanted = block.numeric().matrix(), _declared(column)
    if dtype_of(table).kind not in "iufb":
        raise UnsupportedError("text for a network's input", hint="encode it in a step before, for example with OrdinalEncoder")
    _check_width(column, block.width)
    if width_of(table) != block.width:
        table = ops.reshape(table, constant([-1, block.width], np.int64))
    if wanted.kind in "iu" and dtype_of(table).kind in "iuf":
        table = _whole(table, wanted)
    result = cast(table, wanted)
    if refusing and _narrower(dtype_of(table), wanted):
        larger = ops.and_(ops.isinf(result), ops.not_(ops.isinf(table)))
        result = refuse_where(result, larger, f"the input of a network: expected a number that {wanted} holds")
    return result


def _narrower(given: np.dtype[Any], wanted: np.dtype[Any]) -> bool:
    return given.kind == wanted.kind == "f" and wanted.itemsize < given.itemsize


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

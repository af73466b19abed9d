"""Which graphs keep rows apart: small graphs of single operators, for and against."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import spox
from spox import Var

from vajra_onnx.graph import ops
from vajra_onnx.graph.rows import independent_rows
from vajra_onnx.graph.target import building
from vajra_onnx.graph.values import constant


def ints(*values: int) -> Var:
    return constant(list(values), np.int64)


def graph_is_independent(function: Callable[[Var], Var]) -> bool:
    with building():
        x = spox.argument(spox.Tensor(np.float32, ("N", 4)))
        return independent_rows(spox.build({"x": x}, {"y": function(x)}))


APART: dict[str, Callable[[Var], Var]] = {
    "row constant": lambda x: ops.add(x, constant(np.ones((1, 4), np.float32))),
    "sum of columns": lambda x: ops.reduce_sum(x, ints(1)),
    "softmax": lambda x: ops.softmax(x, axis=1),
    "class": lambda x: ops.arg_max(x, axis=1),
    "columns": lambda x: ops.gather(x, ints(2, 0), axis=1),
    "reshape": lambda x: ops.reshape(x, ints(-1, 2, 2)),
    "there and back": lambda x: ops.transpose(
        ops.mul(ops.transpose(x, perm=[1, 0]), constant(np.ones((4, 1), np.float32))), perm=[1, 0]
    ),
    "sum before the rows": lambda x: ops.reduce_sum(ops.transpose(x, perm=[1, 0]), ints(0), keepdims=0),
    "beside each other": lambda x: ops.concat([x, ops.neg(x)], axis=1),
}
TOGETHER: dict[str, Callable[[Var], Var]] = {
    "sum of rows": lambda x: ops.add(x, ops.reduce_sum(x, ints(0))),
    "sum of all": lambda x: ops.add(x, ops.reduce_sum(x)),
    "softmax over rows": lambda x: ops.softmax(x, axis=0),
    "running sum": lambda x: ops.cumsum(x, constant(0, np.int64)),
    "first row": lambda x: ops.sub(x, ops.gather(x, ints(0), axis=0)),
    "product": lambda x: ops.matmul(x, constant(np.ones((4, 2), np.float32))),
    "one below the other": lambda x: ops.concat([x, x], axis=0),
    "rows become two": lambda x: ops.reshape(x, ints(-1, 2)),
    "only for four rows": lambda x: ops.add(x, constant(np.ones((4, 4), np.float32))),
    "columns first": lambda x: ops.transpose(x, perm=[1, 0]),
    "each with each": lambda x: ops.sub(ops.unsqueeze(x, ints(0)), ops.unsqueeze(x, ints(1))),
}


@pytest.mark.parametrize("name", APART)
def test_apart(name: str) -> None:
    assert graph_is_independent(APART[name])


@pytest.mark.parametrize("name", TOGETHER)
def test_together(name: str) -> None:
    assert not graph_is_independent(TOGETHER[name])

"""Checks that the graph itself carries, so that it refuses in every language what the original refuses.

ONNX has no assert. A Gather whose index is out of bounds is an error in every runtime, before any answer leaves the
graph; its node's name carries the message, which the session turns back into an InputError.
"""

from __future__ import annotations

import numpy as np
from spox import Var

from . import ops
from .target import current
from .values import cast, dtype_of, late_bound

NODE_PREFIX = "vajra_onnx.refuse: "


# The index that is outside of every table: what `table[index]` refuses, whatever it is looked up in.
REFUSED = np.int64(2**31 - 1)


def gather_or_refuse(table: np.ndarray, index: Var, message: str) -> Var:
    """`table[index]`, taken along the first axis; an index outside the table makes the run fail with `message`.

    table: [K, ...]. index: int64, any shape; K itself is the index that stands for "refused" (negative ones wrap).
    """
    weight = late_bound(table)
    current().names.append((weight, NODE_PREFIX + message))
    return ops.gather(weight, index, axis=0)


def rows_or_refuse(table: np.ndarray, index: Var, message: str) -> Var:
    """`table[index]` for an index [N, 1], without the axis in the middle: [N, ...]; otherwise as `gather_or_refuse`."""
    weight = late_bound(table)
    current().names.append((weight, NODE_PREFIX + message))
    return ops.gather_nd(weight, index)


def refuse_where(x: Var, wrong: Var, message: str) -> Var:
    """`x` itself (a negative zero becomes positive); one true element of `wrong` makes the run fail with `message`.

    x: numbers, [N, F]; wrong: booleans of the same shape.
    """
    return ops.add(x, gather_or_refuse(np.zeros(1, dtype_of(x)), cast(wrong, np.int64), message))

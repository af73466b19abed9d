"""Class labels: from scores or indices to the values of `classes_`."""

from __future__ import annotations

import numpy as np
from spox import Var

from ...errors import UnsupportedError
from ...graph import ops
from ...graph.values import constant, text_array


def take(classes: np.ndarray, index: Var) -> Var:
    """`classes[index]`, no node where the classes are their own indices. classes: [K] of strings, integers, booleans or floats.
    index: int64, any shape."""
    values = np.asarray(classes)
    if values.dtype == object:
        if not all(isinstance(v, str) for v in values):
            raise UnsupportedError(
                "class labels",
                expected="strings, integers, booleans or floats",
                got=", ".join(sorted({type(v).__name__ for v in values})),
            )
        values = text_array(values)
    if values.dtype == np.int64 and np.array_equal(values, np.arange(len(values))):
        return index
    return ops.gather(constant(values), index, axis=0)


def largest(classes: np.ndarray, scores: Var) -> Var:
    """The class of the largest score in each row; the first of equal ones, as numpy.argmax. scores: [N, K] -> [N]."""
    return take(classes, ops.arg_max(scores, axis=1, keepdims=0))


def positive(classes: np.ndarray, decision: Var) -> Var:
    """Binary: `classes[1]` where the decision value is above 0, else `classes[0]`. decision: [N] -> [N]."""
    zero = ops.cast(constant(0.0), to=decision.unwrap_tensor().dtype)
    return take(classes, ops.cast(ops.greater(decision, zero), to=np.int64))

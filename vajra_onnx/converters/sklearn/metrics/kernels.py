"""sklearn.metrics.pairwise: kernels between every row and every fitted point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.preprocessing import Normalizer, normalize
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.refuse import refuse_where
from ....graph.values import cast, constant, constant_like, dtype_of
from .. import float32
from ..arrays import in_place
from ..preprocessing.data import normalizer
from .pairwise import by_row, expanded_squares, reduced_distances

KERNELS = (
    "linear",
    "poly",
    "polynomial",
    "rbf",
    "laplacian",
    "sigmoid",
    "cosine",
    "chi2",
    "additive_chi2",
    "precomputed",
)


def pairwise_kernels(block: Block, points: Any, kernel: Any, gamma: Any = None, degree: Any = 3, coef0: Any = 1) -> Var:
    """Source: pairwise_kernels. points: [S, F], dense or sparse. float32 where both sides are, else float64. [N, S].

    Of "precomputed" kernels, the rows are the kernel's own: [N, S].
    """
    name = kernel if isinstance(kernel, str) else "a callable"
    if name not in KERNELS:
        raise UnsupportedError("kernel", expected=" | ".join(KERNELS), got=name)
    fitted = np.asarray(points.toarray() if hasattr(points, "toarray") else points)
    dtype = np.dtype(np.float32) if block.dtype == fitted.dtype == np.float32 else np.dtype(np.float64)
    x, fitted = block.matrix(dtype), fitted.astype(dtype)
    if name == "precomputed":
        return x
    if gamma is None:
        gamma = 1.0 if name == "chi2" else 1.0 / block.width
    if name == "cosine":
        unit = normalizer(Normalizer(), Block.matrix_of(x, block.width, sparse=block.sparse)).matrix()
        return ops.matmul(unit, constant_like(x, normalize(fitted).T))
    if name in ("linear", "poly", "polynomial", "sigmoid"):
        return _of_products(ops.matmul(x, constant_like(x, fitted.T)), name, gamma, degree, coef0)
    return _of_distances(x, fitted, name, gamma)


def _of_products(products: Var, name: str, gamma: Any, degree: Any, coef0: Any) -> Var:
    if name == "linear":
        return products
    base = plus(times(products, gamma), coef0)
    return ops.tanh(base) if name == "sigmoid" else _scalar(ops.pow, base, degree)


def _of_distances(x: Var, points: np.ndarray, name: str, gamma: Any) -> Var:
    if name == "rbf":
        return float32.exp(times(_squares(x, points), -gamma))
    if name == "laplacian":
        # scipy's cdist computes in float64 whatever the data is.
        return ops.exp(times(reduced_distances(cast(x, working(np.float64)), points.astype(np.float64), "manhattan"), -gamma))
    distances = _additive_chi2(x, points)
    return float32.exp(times(distances, gamma)) if name == "chi2" else distances


def times(x: Var, value: Any) -> Var:
    """`x *= value`: a numpy scalar is computed with in its own type, a number of Python in the type of `x`."""
    return _scalar(ops.mul, x, value)


def plus(x: Var, value: Any) -> Var:
    """`x += value`, as `times`."""
    return _scalar(ops.add, x, value)


def _scalar(operator: Callable[[Var, Var], Var], x: Var, value: Any) -> Var:
    return in_place(operator, x, value) if isinstance(value, np.generic) else operator(x, constant_like(x, value))


def _squares(x: Var, points: np.ndarray) -> Var:
    """Source: _euclidean_distances: float32 is computed in float64 and rounded at the end."""
    wide = expanded_squares(cast(x, working(np.float64)), points.astype(np.float64))
    return cast(wide, dtype_of(x))


def _additive_chi2(x: Var, points: np.ndarray) -> Var:
    """-sum((x - y)^2 / (x + y)), added in float64; terms of two zeros are left out. Source: _chi2_kernel_fast."""
    x = refuse_where(x, ops.less(x, constant_like(x, 0.0)), "the chi2 kernels: expected no negative numbers, got one")
    columns = constant_like(x, np.ascontiguousarray(points.T))
    axis = constant(np.array([0]))

    def row(values: Var) -> Var:
        difference = cast(ops.sub(values, columns), working(np.float64))
        total = cast(ops.add(values, columns), working(np.float64))
        empty = ops.equal(total, constant_like(total, 0.0))
        terms = ops.div(ops.mul(difference, difference), ops.where(empty, constant_like(total, 1.0), total))
        kept = ops.where(empty, constant_like(total, 0.0), terms)
        return ops.neg(ops.reduce_sum(kept, axis, keepdims=0))

    return cast(by_row(x, len(points), row), dtype_of(x))

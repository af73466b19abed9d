"""sklearn.metrics.pairwise: the kernel functions behind PairwiseKernel, from every row to every fitted point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.preprocessing import normalize
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, constant_like
from ..metrics.pairwise import expanded_squares, reduced_distances

KERNELS = ("linear", "poly", "polynomial", "rbf", "laplacian", "sigmoid", "cosine")


def pairwise_kernel(metric: Any, block: Block, points: np.ndarray, parameters: Mapping[str, Any]) -> Var:
    """[N, S], in float32 where rows and points are float32, else in float64.

    parameters: gamma (1 / F by default), degree and coef0, as far as the kernel has them. Source: pairwise_kernels.
    """
    if not isinstance(metric, str) or metric not in KERNELS:
        raise UnsupportedError(
            "kernel", expected=" | ".join(KERNELS), got=repr(metric) if isinstance(metric, str) else "a callable"
        )
    x, points = _floats(block, points)
    gamma = parameters.get("gamma")
    gamma = 1.0 / points.shape[1] if gamma is None else gamma
    if metric == "rbf":
        return rbf_kernel(x, points, gamma)
    if metric == "laplacian":
        distance = cast(reduced_distances(cast(x, working(np.float64)), points.astype(np.float64), "manhattan"), _kind(x))
        return ops.exp(ops.mul(constant_like(x, -gamma), distance))
    if metric == "cosine":
        return ops.matmul(_unit(x), constant_like(x, normalize(points).T))
    return of_products(metric, ops.matmul(x, constant_like(x, points.T)), gamma, parameters)


def rbf_kernel(x: Var, points: np.ndarray, gamma: float) -> Var:
    """exp(-gamma |x - y|^2) by the expanded square, which is computed in float64 and then has the type of x. [N, S]."""
    squares = cast(expanded_squares(cast(x, working(np.float64)), points.astype(np.float64)), _kind(x))
    return ops.exp(ops.mul(squares, constant_like(x, -gamma)))


def self_kernel(metric: str, block: Block, points: np.ndarray, parameters: Mapping[str, Any]) -> Var:
    """k(x, x) of every row: [N]."""
    x, points = _floats(block, points)
    gamma = parameters.get("gamma")
    if metric in ("rbf", "laplacian"):
        zero = ops.mul(ops.reduce_sum(x, constant(np.array([1])), keepdims=0), constant_like(x, 0.0))
        return ops.exp(zero)
    unit = _unit(x) if metric == "cosine" else x
    products = ops.reduce_sum_square(unit, constant(np.array([1])), keepdims=0)
    return of_products(metric, products, 1.0 / points.shape[1] if gamma is None else gamma, parameters)


def of_products(metric: str, products: Var, gamma: float, parameters: Mapping[str, Any]) -> Var:
    """The kernels that depend on the scalar products alone, from them."""
    if metric in ("linear", "cosine"):
        return products
    scaled = ops.mul(products, constant_like(products, gamma))
    base = ops.add(scaled, constant_like(products, parameters.get("coef0", 1)))
    return ops.tanh(base) if metric == "sigmoid" else ops.pow(base, constant_like(base, parameters.get("degree", 3)))


def _floats(block: Block, points: np.ndarray) -> tuple[Var, np.ndarray]:
    """Both in float32 if both are, else in float64. Source: check_pairwise_arrays."""
    single = block.dtype == np.float32 and points.dtype == np.float32
    return block.matrix(np.float32 if single else np.float64), points.astype(np.float32 if single else np.float64)


def _unit(x: Var) -> Var:
    """Rows divided by their norms; a row of zeros stays."""
    lengths = ops.reduce_l2(x, constant(np.array([1])))
    return ops.div(x, ops.where(ops.equal(lengths, constant_like(x, 0.0)), constant_like(x, 1.0), lengths))


def _kind(x: Var) -> Any:
    return x.unwrap_tensor().dtype

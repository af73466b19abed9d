"""libsvm's kernels (Kernel::k_function of svm.cpp), in plain operators."""

from __future__ import annotations

from typing import Any

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import constant, constant_like
from ..metrics.pairwise import by_row, ordered_sum, reduced_distances

KERNELS = ("linear", "poly", "rbf", "sigmoid")
# The share of the terms below which rounding errors of 2**-53 come near to 1e-12 of what is left.
CANCELLED = 1e3
# gamma * |v|^2 of the support vectors up to which the rbf kernel is expanded.
SMALL = 32.0
# exp(-NOTHING + SMALL) is 0.
NOTHING = 1000.0


def weighted_kernels(model: Any, x: Var, weights: np.ndarray) -> Var:
    """kernel(x, support vectors) @ weights + intercept. x: [N, F], weights: [S, P] -> [N, P].

    The linear kernel is folded into one matrix [F, P], as is a model without any support vector, unless too much would be lost
    by it. The polynomial kernel, whose terms grow without bound, is added up in libsvm's own order: what is left of sums that
    cancel is then the original's.
    """
    if model.kernel not in KERNELS:
        raise UnsupportedError("kernel", expected=" | ".join(KERNELS), got=repr(model.kernel))
    vectors = dense(model.support_vectors_).reshape(-1, model.n_features_in_)
    if not len(vectors) or (model.kernel == "linear" and not _cancels(vectors, weights)):
        return _affine(model, x, vectors.T @ weights)
    if model.kernel == "rbf" and _is_near(vectors, model._gamma):
        return _expanded_rbf(model, x, vectors, weights)
    kernel = _kernel(model, x, vectors)
    if model.kernel in ("rbf", "sigmoid"):
        return _affine(model, kernel, weights)
    terms = ops.mul(ops.unsqueeze(kernel, constant([2])), constant_like(x, weights))
    return ops.add(ordered_sum(terms, axis=1, size=len(vectors)), constant_like(x, model._intercept_))


def _affine(model: Any, x: Var, weights: np.ndarray) -> Var:
    return ops.gemm(x, constant_like(x, weights), constant_like(x, model._intercept_))


def _cancels(vectors: np.ndarray, weights: np.ndarray) -> bool:
    """Whether the sum over the support vectors leaves so little of a feature's terms, or of a decision's, that rounding shows."""
    folded, terms = np.abs(vectors.T @ weights), np.abs(vectors).T @ np.abs(weights)
    decisions = np.abs(vectors @ (vectors.T @ weights)).max(axis=0)
    largest = (np.abs(vectors) @ terms).max(axis=0)
    return bool((folded * CANCELLED < terms).any() or (decisions * CANCELLED < largest).any())


def dense(values: Any) -> np.ndarray:
    """An attribute of a model that may have been fitted on a sparse matrix."""
    return np.asarray(values.toarray() if hasattr(values, "toarray") else values)


def _kernel(model: Any, x: Var, vectors: np.ndarray) -> Var:
    """[N, S]."""
    if model.kernel == "rbf":
        return ops.exp(ops.mul(reduced_distances(x, vectors, "euclidean"), constant_like(x, -model._gamma)))
    products = _products(x, vectors)
    if model.kernel == "linear":
        return products
    base = ops.add(ops.mul(products, constant_like(x, model._gamma)), constant_like(x, model.coef0))
    return ops.tanh(base) if model.kernel == "sigmoid" else _power(base, model.degree)


def _is_near(vectors: np.ndarray, gamma: float) -> bool:
    return bool(gamma * (vectors * vectors).sum(axis=1).max() <= SMALL)


def _expanded_rbf(model: Any, x: Var, vectors: np.ndarray, weights: np.ndarray) -> Var:
    """exp(-gamma * |x - v|^2) @ weights, the square expanded, and exp(-gamma * |v|^2) moved to the weights.

    Only where gamma * |v|^2 is at most SMALL: the exponent is then off by some ulps of it, of 200 at most where the kernel is
    above 1e-18. Further away the graph adds the squared differences, row by row.
    """
    gamma = float(model._gamma)
    if 2 * gamma * np.abs(vectors).sum(axis=1).max() > 1:  # products may overflow: where the kernel is 0, x need not be further
        far = np.abs(vectors).max() + np.sqrt(NOTHING / gamma)
        x = ops.clip(x, constant_like(x, -far), constant_like(x, far))
    squares = ops.mul(ops.reduce_sum_square(x, constant([1])), constant_like(x, -gamma))
    exponent = ops.gemm(x, constant_like(x, 2 * gamma * vectors.T), squares)
    return _affine(model, ops.exp(exponent), np.exp(-gamma * (vectors * vectors).sum(axis=1))[:, None] * weights)


def _products(x: Var, vectors: np.ndarray) -> Var:
    """x @ vectors.T, in the order of BLAS' ddot where that is known: less than 16 products are added from first to last."""
    columns = constant_like(x, np.ascontiguousarray(vectors.T))
    if vectors.shape[1] >= 16:
        return ops.matmul(x, columns)
    return by_row(x, len(vectors), lambda row: ordered_sum(ops.mul(row, columns)))


def _power(base: Var, degree: int) -> Var:
    """Source: powi of svm.cpp: squares, multiplied where the degree has a binary digit 1."""
    factors = []
    while degree > 0:
        if degree % 2:
            factors.append(base)
        degree //= 2
        base = ops.mul(base, base) if degree else base
    result = factors[0] if factors else ops.pow(base, constant_like(base, 0.0))
    for factor in factors[1:]:
        result = ops.mul(result, factor)
    return result

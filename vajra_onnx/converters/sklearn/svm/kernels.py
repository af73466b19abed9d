"""libsvm's kernels (Kernel::k_function of svm.cpp), in plain operators."""

from __future__ import annotations

from typing import Any

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import constant_like
from ..metrics.pairwise import reduced_distances

KERNELS = ("linear", "poly", "rbf", "sigmoid")


def weighted_kernels(model: Any, x: Var, weights: np.ndarray) -> Var:
    """kernel(x, support vectors) @ weights. x: [N, F], weights: [S, P] -> [N, P].

    The linear kernel is folded into one matrix [F, P], as is a model without any support vector.
    """
    if model.kernel not in KERNELS:
        raise UnsupportedError("kernel", expected=" | ".join(KERNELS), got=repr(model.kernel))
    vectors = dense(model.support_vectors_).reshape(-1, model.n_features_in_)
    if model.kernel == "linear" or not len(vectors):
        return ops.matmul(x, constant_like(x, vectors.T @ weights))
    return ops.matmul(_kernel(model, x, vectors), constant_like(x, weights))


def dense(values: Any) -> np.ndarray:
    """An attribute of a model that may have been fitted on a sparse matrix."""
    return np.asarray(values.toarray() if hasattr(values, "toarray") else values)


def _kernel(model: Any, x: Var, vectors: np.ndarray) -> Var:
    """[N, S]. The rbf kernel takes the sum of squared differences, not an expansion that cancels far from the origin."""
    if model.kernel == "rbf":
        return ops.exp(ops.mul(reduced_distances(x, vectors, "euclidean"), constant_like(x, -model._gamma)))
    products = ops.mul(ops.matmul(x, constant_like(x, vectors.T)), constant_like(x, model._gamma))
    base = ops.add(products, constant_like(x, model.coef0))
    return ops.tanh(base) if model.kernel == "sigmoid" else _power(base, model.degree)


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

"""sklearn.mixture._base: what mixtures of Gaussians share."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.mixture._gaussian_mixture import _compute_log_det_cholesky
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, constant_like, dtype_of
from ...registry import Outputs
from ..arrays import added
from ..special import logsumexp

COLUMNS = np.array([1])


def mixture_outputs(weighted_log_prob: Var) -> Outputs:
    """Source: BaseMixture. weighted_log_prob: log P(row | component) + log weight, [N, K]."""
    log_prob = logsumexp(weighted_log_prob)
    return {
        "predict": ops.arg_max(weighted_log_prob, axis=1, keepdims=0),
        "predict_proba": ops.exp(ops.sub(weighted_log_prob, log_prob)),
        "score_samples": ops.reshape(log_prob, constant(np.array([-1]))),
    }


def log_gaussian_prob(model: Any, block: Block) -> Var:
    """The log density of each component, [N, K]. Source: _estimate_log_gaussian_prob."""
    cholesky, kind = model.precisions_cholesky_, model.covariance_type
    if block.dtype.kind in "biu" and block.dtype.itemsize < 4:
        # The original squares such values in their own type, where they overflow.
        raise UnsupportedError(f"{type(model).__name__} on {block.dtype}", hint="give float64, float32 or int64 columns")
    if kind in ("full", "tied"):
        squared = _projected(model, cholesky, block)
    elif kind == "diag":
        squared = _diagonal(model, cholesky**2, block)
    else:
        squared = _spherical(model, cholesky**2, block)
    features = model.n_features_in_
    half = ops.mul(constant_like(squared, -0.5), added(squared, features * float(np.log(2 * np.pi))))
    return added(half, _compute_log_det_cholesky(cholesky, kind, features))


def _projected(model: Any, cholesky: np.ndarray, block: Block) -> Var:
    """|x @ chol - mean @ chol|^2, which the original stores in the type of the data: whole numbers lose their fraction."""
    means = model.means_
    components = [cholesky] * len(means) if model.covariance_type == "tied" else list(cholesky)
    offsets = np.concatenate([mean @ chol for mean, chol in zip(means, components, strict=True)])
    x = block.matrix(np.result_type(block.dtype, cholesky.dtype))
    products = ops.sub(ops.matmul(x, constant_like(x, np.hstack(components))), constant_like(x, offsets))
    apart = ops.reshape(products, constant(np.array([-1, len(means), model.n_features_in_])))
    squared = ops.reduce_sum_square(apart, constant(np.array([2])), keepdims=0)
    if block.dtype.kind == "f":
        return cast(squared, working(block.dtype))
    return cast(cast(squared, block.dtype), working(np.float64))


def _diagonal(model: Any, precisions: np.ndarray, block: Block) -> Var:
    means = model.means_
    x = block.matrix(np.result_type(block.dtype, precisions.dtype))
    products = ops.mul(constant_like(x, 2.0), ops.matmul(x, constant_like(x, (means * precisions).T)))
    first = ops.sub(constant_like(x, np.sum(means**2 * precisions, axis=1)), products)
    return ops.add(first, ops.matmul(cast(_squares(block), dtype_of(x)), constant_like(x, precisions.T)))


def _spherical(model: Any, precisions: np.ndarray, block: Block) -> Var:
    means = model.means_
    x = block.matrix(np.result_type(block.dtype, precisions.dtype))
    products = ops.mul(ops.matmul(x, constant_like(x, means.T)), constant_like(x, precisions))
    first = ops.sub(constant_like(x, np.sum(means**2, axis=1) * precisions), ops.mul(constant_like(x, 2.0), products))
    norms = cast(ops.reduce_sum(_squares(block), constant(COLUMNS)), dtype_of(x))
    return ops.add(first, ops.mul(norms, constant_like(x, precisions)))


def _squares(block: Block) -> Var:
    x = block.matrix(block.dtype)
    return ops.mul(x, x)

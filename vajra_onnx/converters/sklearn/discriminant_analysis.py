"""sklearn.discriminant_analysis."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from spox import Var

from ...graph import ops
from ...graph.block import Block
from ...graph.values import constant, constant_like, dtype_of
from ..registry import Outputs, converts
from .arrays import pairwise_sums, wider
from .labels import largest
from .linear_model.base import affine, both, classify_linear
from .special import expit


@converts(LinearDiscriminantAnalysis)
def linear_discriminant_analysis(model: LinearDiscriminantAnalysis, block: Block) -> Outputs:
    """A linear classifier; the logarithm of a probability of 0 is that of the smallest normal number.

    `transform` for the solvers that have it: svd centers the data, eigen does not.
    """
    outputs = classify_linear(model, block)
    if len(model.classes_) == 1:  # scikit-learn's own predict_proba raises
        return outputs
    decision = outputs["decision_function"]
    proba = both(expit(decision)) if len(model.classes_) == 2 else ops.softmax(decision, axis=1)
    zero = ops.equal(proba, constant_like(proba, 0.0))
    smallest = constant_like(proba, np.finfo(dtype_of(proba)).smallest_normal)
    outputs |= {"predict_proba": proba, "predict_log_proba": ops.log(ops.where(zero, smallest, proba))}
    if model.solver != "lsqr":
        outputs["transform"] = _project(model, block)
    return outputs


def _project(model: LinearDiscriminantAnalysis, block: Block) -> Var:
    scalings = model.scalings_[:, : model._max_components]
    if model.solver == "svd":
        x = block.matrix(np.result_type(block.dtype, model.xbar_.dtype))
        block = Block.matrix_of(ops.sub(x, constant_like(x, model.xbar_)), block.width)
    return affine(block, scalings, 0.0)


@converts(QuadraticDiscriminantAnalysis)
def quadratic_discriminant_analysis(model: QuadraticDiscriminantAnalysis, block: Block) -> Outputs:
    """log P(class | row) up to a constant; for two classes the decision is the difference of both."""
    kinds = [model.means_.dtype, *(r.dtype for r in model.rotations_)]
    x = block.matrix(np.result_type(block.dtype, *kinds))
    projections = [r * s**-0.5 for r, s in zip(model.rotations_, model.scalings_, strict=True)]
    rank = max(p.shape[1] for p in projections)
    stacked = np.stack([np.pad(p, ((0, 0), (0, rank - p.shape[1]))) for p in projections])
    centered = ops.sub(ops.unsqueeze(x, constant(np.array([0]))), constant_like(x, model.means_[:, None, :]))
    projected = ops.matmul(centered, constant_like(x, stacked))
    rows = ops.reshape(ops.mul(projected, projected), constant([-1, rank]))
    norms = ops.transpose(ops.reshape(pairwise_sums(rows, rank), constant([len(projections), -1])), perm=[1, 0])
    total = wider(ops.add, norms, np.array([np.log(s).sum() for s in model.scalings_]))
    inner = ops.mul(total, constant_like(total, -0.5))
    return posterior_outputs(model, wider(ops.add, inner, np.log(model.priors_)))


def posterior_outputs(model: Any, scores: Var) -> Outputs:
    """Source: DiscriminantAnalysisPredictionMixin. scores: [N, K]."""
    axes = constant(np.array([1]))
    likelihood = ops.sub(scores, ops.reduce_max(scores, axes))
    log_proba = ops.sub(likelihood, ops.log(ops.reduce_sum(ops.exp(likelihood), axes)))
    first, second = (ops.gather(scores, constant(np.int64(i)), axis=1) for i in (0, 1))
    return {
        "predict": largest(model.classes_, scores),
        "predict_proba": ops.exp(log_proba),
        "predict_log_proba": log_proba,
        "decision_function": ops.sub(second, first) if len(model.classes_) == 2 else scores,
    }

"""sklearn.linear_model._base: the arithmetic that all linear models share, and LinearRegression.

X @ coef is a sum of products in an order that BLAS chooses, so that the last ulps of scores are not the original's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LinearRegression
from spox import Var

from ....graph import ops
from ....graph.block import Block, Part, working
from ....graph.origins import Chosen
from ....graph.target import current
from ....graph.values import cast, constant, constant_like
from ...registry import Outputs, converts
from ..choices import chosen_products
from ..labels import largest, positive
from ..special import expit


def affine(block: Block, coef: Any, intercept: npt.ArrayLike) -> Var:
    """X @ coef + intercept, in the dtypes that numpy promotes to: float32 stays where data and weights are float32.

    coef: [F] or [F, K], dense or sparse (after `sparsify`). intercept: a number, [1] or [K]. Returns [N] or [N, K].
    """
    weights = coef.toarray() if hasattr(coef, "toarray") else np.asarray(coef)
    block, weights, intercept = multiplied(block, weights, intercept)
    dtype = np.result_type(block.dtype, weights.dtype)
    wide = working(np.result_type(dtype, intercept))
    if block.entries() is None:  # sparse matrices are added up in the order of their entries
        if dtype.kind == "f" and any(isinstance(part.origin, Chosen) for part in block.parts):
            return _with_looked_up(block, weights, intercept, wide)
        if weights.ndim == 1 and (dtype == np.float64 or current().mode == "fast"):
            # onnxruntime is 20 times as quick with a matrix of one column as with a vector, but sums float32 less exactly.
            return ops.reshape(affine(block, weights[:, None], intercept), constant([-1]))
        if weights.ndim == 2 and np.any(intercept) and wide == working(dtype):
            x = block.matrix(dtype)
            return ops.gemm(x, constant_like(x, weights), constant_like(x, intercept))
    total = cast(dot(block, weights, dtype), wide)
    return ops.add(total, constant_like(total, intercept)) if np.any(intercept) else total


def multiplied(block: Block, weights: np.ndarray, intercept: npt.ArrayLike) -> tuple[Block, np.ndarray, npt.ArrayLike]:
    """What to compute `block @ weights + intercept` of: the factors and projections before it go into the weights."""
    if not any(part.product for part in block.parts):
        return block, weights, intercept
    parts, rows, start = [], [], 0
    for part in block.parts:
        own = weights[start : start + part.width].reshape(part.width, -1)
        start += part.width
        product = part.product
        if product is not None:
            intercept = np.asarray(intercept) + product.offset @ own
            part, own = Part(product.source, len(product.matrix)), product.times(own)
        parts.append(part)
        rows.append(own)
    together = np.concatenate(rows)
    return replace(block, parts=tuple(parts)), together[:, 0] if weights.ndim == 1 else together, intercept


def dot(block: Block, weights: np.ndarray, dtype: npt.DTypeLike) -> Var:
    """X @ weights in this dtype, in the order of the entries where X is sparse. weights: [F] -> [N], [F, K] -> [N, K]."""
    entries = block.entries(dtype)
    if entries is not None:
        return entries.dot(weights.astype(entries.dtype))
    x = block.matrix(dtype)
    return ops.matmul(x, constant_like(x, weights))


def _with_looked_up(block: Block, weights: np.ndarray, intercept: npt.ArrayLike, dtype: np.dtype[Any]) -> Var:
    """`affine` where some parts are rows of tables: their products are rows of other tables, and are looked up."""
    start, terms, rest, kept = 0, [], [], []
    for part in block.parts:
        own = weights[start : start + part.width].reshape(part.width, -1)
        start += part.width
        if isinstance(part.origin, Chosen):
            terms.append(chosen_products(part.origin, own.astype(dtype)))
        else:
            rest.append(part)
            kept.append(own)
    wide = np.broadcast_to(np.asarray(intercept, dtype), (1 if weights.ndim == 1 else weights.shape[1],))
    if rest:
        x = cast(replace(block, parts=tuple(rest)).matrix(), dtype)
        terms.insert(0, ops.gemm(x, constant_like(x, np.concatenate(kept)), constant_like(x, wide)))
    elif np.any(wide):
        terms.append(constant(wide[None, :], dtype))
    total = terms[0] if len(terms) == 1 else ops.sum(terms)
    return ops.reshape(total, constant([-1])) if weights.ndim == 1 else total


def predict_linear(model: Any, block: Block) -> Outputs:
    """Source: LinearModel.predict. [N], or [N, K] for two-dimensional targets."""
    return {"predict": affine(block, np.asarray(model.coef_).T, model.intercept_)}


def decision_function(model: Any, block: Block) -> Var:
    """Source: LinearClassifierMixin.decision_function. [N] for two classes (or one row of weights), else [N, K]."""
    coef = decision_weights(model)
    return affine(block, coef[0] if len(coef) == 1 else coef.T, model.intercept_)


def decision_weights(model: Any) -> np.ndarray:
    """`coef_`, [K, F], dense: also after `sparsify`."""
    return model.coef_.toarray() if hasattr(model.coef_, "toarray") else np.asarray(model.coef_)


def halves(model: Any, block: Block) -> Var:
    """[-d / 2, d / 2] of the decision d of a model for two classes, [N, 2]: the softmax of it is [1 - expit(d), expit(d)] up to
    rounding, and the larger column is the label, the first one where d is 0."""
    coef = np.vstack([-decision_weights(model), decision_weights(model)]) / 2
    half = np.ravel(model.intercept_)[0] / 2
    return affine(block, coef.T, np.array([-half, half]))


def predict_labels(classes: np.ndarray, decision: Var) -> Var:
    """Source: LinearClassifierMixin.predict. decision: [N] or [N, K] -> labels [N]."""
    shape = decision.unwrap_tensor().shape
    return positive(classes, decision) if shape is not None and len(shape) == 1 else largest(classes, decision)


def classify_linear(model: Any, block: Block) -> dict[str, Var]:
    """`predict` and `decision_function` of a linear classifier without probabilities."""
    decision = decision_function(model, block)
    return {"predict": predict_labels(model.classes_, decision), "decision_function": decision}


def with_logistic(model: Any, block: Block) -> Outputs:
    """The outputs of a classifier whose probability of the second of two classes is the logistic function of the decision.

    The logarithm is taken of 1 - p, as in the original: it is -inf where that rounds to 0. Of sparse matrices,
    whose decisions are the original's to the last bit, the probabilities are, too.
    """
    decision = decision_function(model, block)
    if block.entries() is not None:
        outputs = {"predict": predict_labels(model.classes_, decision), "decision_function": decision}
        return with_probabilities(outputs, both(expit(decision)))
    scores = halves(model, block)
    return {
        "predict": largest(model.classes_, scores),
        "predict_proba": ops.softmax(scores, axis=1),
        "predict_log_proba": ops.log(both(expit(decision))),
        "decision_function": decision,
    }


def with_probabilities(outputs: dict[str, Var], proba: Var) -> Outputs:
    """The outputs together with `predict_proba` and its logarithm, as the originals take it: np.log of the probabilities."""
    return {**outputs, "predict_proba": proba, "predict_log_proba": ops.log(proba)}


def one_vs_rest_proba(decision: Var) -> Var:
    """Logistic function of each score, normalised. decision: [N] or [N, K] -> [N, K].

    Source: LinearClassifierMixin._predict_proba_lr.
    """
    p = expit(decision)
    return normalised(p) if _is_matrix(decision) else both(p)


def both(p: Var) -> Var:
    """[1 - p, p]: the two columns of a binary classifier. p: [N] -> [N, 2]."""
    column = ops.unsqueeze(p, constant(np.array([1])))
    return ops.concat([ops.sub(constant_like(p, 1.0), column), column], axis=1)


def normalised(p: Var) -> Var:
    """Each row divided by its sum; a row of zeros becomes uniform. p: [N, K]."""
    total = ops.reduce_sum(p, constant(np.array([1])))
    empty = ops.equal(total, constant_like(total, 0.0))
    size = p.unwrap_tensor().shape[1]  # type: ignore[index]
    ones = ops.where(empty, constant_like(p, 1.0), p)
    return ops.div(ones, ops.where(empty, constant_like(p, size), total))  # type: ignore[arg-type]


def _is_matrix(x: Var) -> bool:
    shape = x.unwrap_tensor().shape
    return shape is not None and len(shape) == 2


converts(LinearRegression)(predict_linear)

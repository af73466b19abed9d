"""sklearn._loss: the links between the raw sum of boosted trees and what the model predicts."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn._loss.link import HalfLogitLink, IdentityLink, LogitLink, LogLink, MultinomialLogit
from spox import Var

from ...errors import UnsupportedError
from ...graph import ops
from ...graph.values import constant, constant_like
from .special import expit


def link(function: Any, y: Var) -> Var:
    """Raw predictions of predicted values: the `link` of these link functions. y: [N, K] -> [N, K]."""
    if type(function) is IdentityLink:
        return y
    if type(function) is LogLink:
        return ops.log(y)
    if type(function) is MultinomialLogit:
        geometric_mean = ops.exp(ops.reduce_mean(ops.log(y), constant(np.array([1]))))
        return ops.log(ops.div(y, geometric_mean))
    logit = ops.log(ops.div(y, ops.sub(constant_like(y, 1.0), y)))
    if type(function) is LogitLink:
        return logit
    if type(function) is HalfLogitLink:
        return ops.mul(constant_like(y, 0.5), logit)
    raise _unknown(function)


def inverse(function: Any, raw: Var) -> Var:
    """Predicted values of raw predictions: the `inverse` of these link functions. raw: any shape; [N, K] for several classes."""
    if type(function) is IdentityLink:
        return raw
    if type(function) is LogLink:
        return ops.exp(raw)
    if type(function) is LogitLink:
        return expit(raw)
    if type(function) is HalfLogitLink:
        return expit(ops.mul(constant_like(raw, 2.0), raw))
    if type(function) is MultinomialLogit:
        return ops.softmax(raw, axis=1)
    raise _unknown(function)


def probabilities(loss: Any, raw: Var) -> Var:
    """`loss.predict_proba`: [N, K] of raw predictions [N, K], or [N, 2] of [N, 1]."""
    return inverse(loss.link, raw) if loss.is_multiclass else binary_probabilities(loss.link, opposed(raw))


def opposed(raw: Var) -> Var:
    """[-raw, 0] of [N, 1]: its largest column is the class of a binary model, and its first one what `exp` is taken of."""
    return ops.mul(raw, constant_like(raw, [-1.0, 0.0]))


def binary_probabilities(function: Any, scores: Var) -> Var:
    """[1 - p, p], p = 1 / (1 + exp(-raw)) for the logit link, of `opposed` raw predictions.

    [p, 1/2] times a matrix of 0, 1, -1 and 2 is one node for the two columns; its only rounding is that of 1 - p.
    """
    if type(function) not in (LogitLink, HalfLogitLink):
        raise _unknown(function)
    doubled = ops.mul(constant_like(scores, 2.0), scores) if type(function) is HalfLogitLink else scores
    one = constant_like(scores, 1.0)
    p = ops.div(one, ops.add(one, ops.exp(doubled)))
    return ops.matmul(p, constant_like(p, [[-1.0, 1.0], [2.0, 0.0]]))


def _unknown(function: Any) -> UnsupportedError:
    known = "identity, log, logit, half logit or multinomial logit"
    return UnsupportedError("link function", expected=known, got=type(function).__name__)

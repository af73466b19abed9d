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
    p = inverse(loss.link, raw)
    return p if loss.is_multiclass else ops.concat([ops.sub(constant_like(p, 1.0), p), p], axis=1)


def _unknown(function: Any) -> UnsupportedError:
    known = "identity, log, logit, half logit or multinomial logit"
    return UnsupportedError("link function", expected=known, got=type(function).__name__)

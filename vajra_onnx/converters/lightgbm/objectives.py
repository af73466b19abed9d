"""From the raw score to what `Booster.predict` answers: the `ConvertOutput` of each objective, in float64 as there.

Source: src/objective/*.hpp of LightGBM. A Booster with a custom objective knows no objective, and answers with its raw scores.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from spox import Var

from ...errors import UnsupportedError
from ...graph import ops
from ...graph.values import constant, constant_like, squeezed
from ..sklearn.special import expit, log1p
from .model import Model


def predicted(model: Model, raw: Var) -> Var:
    """What `Booster.predict` returns: [N], or [N, K] where there are several outputs. raw: the raw score, [N, K].

    Source: `GBDT::Predict`, which divides the sum of a random forest by the number of its rounds first.
    """
    if model.average:
        raw = ops.div(raw, constant_like(raw, len(model.trees) // model.n_outputs))
    return squeezed(_link(model)(raw))


def _link(model: Model) -> Callable[[Var], Var]:
    name, *words = model.objective or ("custom",)
    if name in REGRESSION:
        return signed_square if "sqrt" in words else identity
    if name in ("binary", "multiclassova"):
        return lambda raw: expit(ops.mul(raw, constant_like(raw, model.sigmoid)))
    if name not in LINKS:
        raise UnsupportedError("objective of LightGBM", expected=" | ".join([*REGRESSION, *LINKS]), got=repr(name))
    return LINKS[name]


def identity(raw: Var) -> Var:
    """The raw score itself."""
    return raw


def signed_square(raw: Var) -> Var:
    """sign(x) * x * x, in this order: the inverse of `reg_sqrt`."""
    return ops.mul(ops.mul(ops.sign(raw), raw), raw)


def exponential_softplus(raw: Var) -> Var:
    """log1p(exp(x))."""
    return log1p(ops.exp(raw))


def softmax(raw: Var) -> Var:
    """exp(x - max) divided by its sum."""
    powers = ops.exp(ops.sub(raw, ops.reduce_max(raw, constant([1], np.int64))))
    return ops.div(powers, ops.reduce_sum(powers, constant([1], np.int64)))


REGRESSION = ("regression", "regression_l1", "huber", "fair", "quantile", "mape")
LINKS: dict[str, Callable[[Var], Var]] = {
    "custom": identity,
    "lambdarank": identity,
    "rank_xendcg": identity,
    "poisson": lambda raw: ops.exp(raw),
    "gamma": lambda raw: ops.exp(raw),
    "tweedie": lambda raw: ops.exp(raw),
    "cross_entropy": expit,
    "cross_entropy_lambda": exponential_softplus,
    "multiclass": softmax,
}

"""From the margin to what the Booster predicts: the `PredTransform` of each objective, in float32 as XGBoost computes it.

Source: src/objective/*.cu and src/common/math.h of XGBoost. A custom objective is stored under the name of a built-in one, and
XGBoost applies that one's transform: so do we.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.block import working
from ...graph.values import cast, constant, constant_like, squeezed
from ..registry import Output


def predicted(objective: str, margin: Var) -> Var | None:
    """What `Booster.predict` returns, float32; None for an objective that is not known here. margin: float32 [N, K].

    Returns [N] or [N, K], as the original does.
    """
    link = LINKS.get(objective)
    return None if link is None else squeezed(link(margin))


def present(**outputs: Output | None) -> dict[str, Output]:
    """The outputs that this model has."""
    return {name: value for name, value in outputs.items() if value is not None}


def exponential(x: Var) -> Var:
    """expf of the C library, which is within 0.51 ulp: the double exponential, rounded. In fast mode float32 throughout."""
    return cast(ops.exp(cast(x, working(np.float64))), np.float32)


def sigmoid(margin: Var) -> Var:
    """1 / (exp(min(-x, 88.7)) + 1); XGBoost's further term of 1e-16 is lost in float32."""
    x = ops.min([ops.neg(margin), constant_like(margin, 88.7)])
    one = constant_like(margin, 1)
    return ops.div(one, ops.add(exponential(x), one))


def softmax(margin: Var) -> Var:
    """exp(x - max) in float32, divided by its sum, which is formed in double and rounded."""
    powers = exponential(ops.sub(margin, ops.reduce_max(margin, constant([1], np.int64))))
    total = ops.reduce_sum(cast(powers, working(np.float64)), constant([1], np.int64))
    return ops.div(powers, cast(total, np.float32))


def hinge(margin: Var) -> Var:
    """1 above a margin of 0, else 0."""
    return cast(ops.greater(margin, constant_like(margin, 0)), np.float32)


def largest(margin: Var) -> Var:
    """The number of the class with the largest margin, the first of equal ones, as a float32: [N, 1]."""
    return cast(ops.arg_max(margin, axis=1, keepdims=1), np.float32)


def identity(margin: Var) -> Var:
    """The margin itself."""
    return margin


LINKS: dict[str, Callable[[Var], Var]] = {
    "reg:squarederror": identity,
    "reg:linear": identity,
    "reg:squaredlogerror": identity,
    "reg:absoluteerror": identity,
    "reg:pseudohubererror": identity,
    "reg:quantileerror": identity,
    "reg:logistic": sigmoid,
    "reg:gamma": exponential,
    "reg:tweedie": exponential,
    "count:poisson": exponential,
    "binary:logistic": sigmoid,
    "binary:logitraw": identity,
    "binary:hinge": hinge,
    "multi:softmax": largest,
    "multi:softprob": softmax,
    "rank:pairwise": identity,
    "rank:ndcg": identity,
    "rank:map": identity,
    "survival:cox": exponential,
    "survival:aft": exponential,
}

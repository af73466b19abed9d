"""scipy.special, as scikit-learn's predictors use it: the operators of ONNX Runtime are not exact enough here."""

from __future__ import annotations

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.values import constant, constant_like


def expit(x: Var) -> Var:
    """1 / (1 + exp(-x)), the formula of scipy.special.expit.

    Not the operator Sigmoid: ONNX Runtime computes 1 - sigmoid(|x|) for negative x, which has no correct digit below -37.
    """
    one = constant_like(x, 1.0)
    return ops.div(one, ops.add(one, ops.exp(ops.neg(x))))


def logsumexp(x: Var) -> Var:
    """log(sum(exp(x))) of each row, the largest value taken out first. x: [N, K] -> [N, 1].

    Source: scipy.special.logsumexp, which sums the other terms apart from the largest and takes log1p of them; here the sum
    holds them all, so that the result differs by at most an ulp of max(1, |result|).
    """
    axes = constant(np.array([1]))
    largest = ops.reduce_max(x, axes)
    return ops.add(largest, ops.log(ops.reduce_sum(ops.exp(ops.sub(x, largest)), axes)))

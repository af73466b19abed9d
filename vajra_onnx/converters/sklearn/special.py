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
    holds them all, so that the result differs by at most an ulp of max(1, |result|). A row of -inf alone gives -inf.
    """
    axes = constant(np.array([1]))
    largest = ops.reduce_max(x, axes)
    largest = ops.where(ops.isinf(largest), constant_like(x, 0.0), largest)
    return ops.add(largest, ops.log(ops.reduce_sum(ops.exp(ops.sub(x, largest)), axes)))


def log1p(x: Var) -> Var:
    """log(1 + x) without losing the digits of a small x: log(u) * (x / (u - 1)) with u = 1 + x (W. Kahan)."""
    one = constant_like(x, 1.0)
    u = ops.add(one, x)
    plain = ops.or_(ops.equal(u, one), ops.isinf(u, detect_negative=0))
    return ops.where(plain, x, ops.mul(ops.log(u), ops.div(x, ops.sub(u, one))))


def expm1(x: Var) -> Var:
    """exp(x) - 1 without losing the digits of a small x: (u - 1) * x / log(u) with u = exp(x) (W. Kahan)."""
    one = constant_like(x, 1.0)
    u = ops.exp(x)
    plain = ops.sub(u, one)
    exact = ops.equal(u, one)
    logarithm = ops.where(exact, one, ops.log(u))
    small = ops.where(exact, x, ops.div(ops.mul(plain, x), logarithm))
    return ops.where(ops.less(ops.abs(x), one), small, plain)

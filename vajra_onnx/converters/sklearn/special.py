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


def erf(x: Var) -> Var:
    """The error function, to the last ulps, also in float64, for which ONNX Runtime has no kernel.

    Source: scipy's erf, the rational approximations of Cephes (ndtr.c): one for |x| <= 1, and 1 - erfc(|x|) above, which is
    1 from 8 on.
    """
    size = ops.abs(x)
    small = ops.mul(x, _rational(ops.mul(x, x), _ERF[0], _ERF[1]))
    tail = ops.min([size, constant_like(x, 8.0)])
    erfc = ops.mul(ops.exp(ops.neg(ops.mul(tail, tail))), _rational(tail, _ERFC[0], _ERFC[1]))
    large = ops.mul(ops.sign(x), ops.sub(constant_like(x, 1.0), erfc))
    return ops.where(ops.greater(size, constant_like(x, 1.0)), large, small)


def _rational(x: Var, numerator: tuple[float, ...], denominator: tuple[float, ...]) -> Var:
    """The quotient of two polynomials, the highest power first, by Horner's rule."""
    return ops.div(_polynomial(x, numerator), _polynomial(x, denominator))


def _polynomial(x: Var, coefficients: tuple[float, ...]) -> Var:
    total = constant_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total = ops.add(ops.mul(total, x), constant_like(x, coefficient))
    return total


_ERF = (
    (
        9.60497373987051638749e0,
        9.00260197203842689217e1,
        2.23200534594684319226e3,
        7.00332514112805075473e3,
        5.55923013010394962768e4,
    ),
    (
        1.0,
        3.35617141647503099647e1,
        5.21357949780152679795e2,
        4.59432382970980127987e3,
        2.26290000613890934246e4,
        4.92673942608635921086e4,
    ),
)
_ERFC = (
    (
        2.46196981473530512524e-10,
        5.64189564831068821977e-1,
        7.46321056442269912687e0,
        4.86371970985681366614e1,
        1.96520832956077098242e2,
        5.26445194995477358631e2,
        9.34528527171957607540e2,
        1.02755188689515710272e3,
        5.57535335369399327526e2,
    ),
    (
        1.0,
        1.32281951154744992508e1,
        8.67072140885989742329e1,
        3.54937778887819891062e2,
        9.75708501743205489753e2,
        1.82390916687909736289e3,
        2.24633760818710981792e3,
        1.65666309194161350182e3,
        5.57535340817727675546e2,
    ),
)

"""The quantile function of the normal distribution, for QuantileTransformer: Cephes' ndtri, as scipy.special computes it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from spox import Var

from ....graph import ops
from ....graph.values import constant_like

# Rational approximations of scipy/special/xsf/cephes/ndtri.h: around 1/2, and for tails down to exp(-32).
_P0 = (-59.9633501014107895267, 98.0010754185999661536, -56.6762857469070293439, 13.9312609387279679503, -1.23916583867381258016)
_Q0 = (
    *(1.0, 1.95448858338141759834, 4.67627912898881538453, 86.3602421390890590575, -225.462687854119370527),
    *(200.260212380060660359, -82.0372256168333339912, 15.9056225126211695515, -1.18331621121330003142),
)
_P1 = (
    *(4.05544892305962419923, 31.5251094599893866154, 57.1628192246421288162, 44.0805073893200834700, 14.6849561928858024014),
    *(2.18663306850790267539, -0.140256079171354495875, -3.50424626827848203418e-2, -8.57456785154685413611e-4),
)
_Q1 = (
    *(1.0, 15.7799883256466749731, 45.3907635128879210584, 41.3172038254672030440, 15.0425385692907503408),
    *(2.50464946208309415979, -0.142182922854787788574, -3.80806407691578277194e-2, -9.33259480895457427372e-4),
)
TAIL = 0.13533528323661269189  # exp(-2)
ROOT_OF_TWO_PI = 2.50662827463100050242


def ndtri(p: Var) -> Var:
    """x for which a standard normal number is below x with probability p; infinite at 0 and 1. p: any shape, 1e-13 < p or 0."""
    one, half = constant_like(p, 1.0), constant_like(p, 0.5)
    upper = ops.greater(p, constant_like(p, 1.0 - TAIL))
    smaller = ops.where(upper, ops.sub(one, p), p)
    y = ops.sub(smaller, half)
    square = ops.mul(y, y)
    ratio = ops.div(_polynomial(square, _P0), _polynomial(square, _Q0))
    middle = ops.mul(ops.add(y, ops.mul(y, ops.mul(square, ratio))), constant_like(p, ROOT_OF_TWO_PI))
    x = ops.sqrt(ops.mul(constant_like(p, -2.0), ops.log(smaller)))
    z = ops.div(one, x)
    correction = ops.div(ops.mul(z, _polynomial(z, _P1)), _polynomial(z, _Q1))
    tail = ops.sub(ops.sub(x, ops.div(ops.log(x), x)), correction)
    tail = ops.where(ops.equal(smaller, constant_like(p, 0.0)), constant_like(p, np.inf), tail)
    return ops.where(ops.greater(smaller, constant_like(p, TAIL)), middle, ops.where(upper, tail, ops.neg(tail)))


def _polynomial(x: Var, coefficients: Sequence[float]) -> Var:
    """Horner's scheme, the highest power first."""
    value = constant_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        value = ops.add(ops.mul(value, x), constant_like(x, coefficient))
    return value

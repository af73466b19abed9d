"""numpy's functions of float32 numbers. ONNX Runtime's own are up to two ulp off, and not by the same ulp: where a sum of large
terms or a cosine follows, that is no longer within 8 ulp."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.block import working
from ...graph.values import cast, constant, constant_like, dtype_of
from .arrays import as_columns, column
from .special import log1p

# numpy/_core/src/umath/loops_exponent_log.dispatch.c.src: rational approximations of exp on [-log(2) / 2, log(2) / 2] and of
# log(1 + x) on [sqrt(1 / 2) - 1, sqrt(2) - 1], numerator and denominator.
EXP = (
    (
        9.999999999980870924916e-01,
        7.257664613233124478488e-01,
        2.473615434895520810817e-01,
        5.114512081637298353406e-02,
        6.757896990527504603057e-03,
        5.082762527590693718096e-04,
    ),
    (1.0, -2.742335390411667452936e-01, 2.159509375685829852307e-02),
)
LOG = (
    (
        0.0,
        9.999999999999998702752e-01,
        2.112677543073053063722e00,
        1.480000633576506585156e00,
        3.808837741388407920751e-01,
        2.589979117907922693523e-02,
    ),
    (
        1.0,
        2.612677543073109236779e00,
        2.453006071784736363091e00,
        9.864942958519418960339e-01,
        1.546476374983906719538e-01,
        5.875095403124574342950e-03,
    ),
)
# log(2) in two parts, subtracted one after the other.
LOG_2 = (6.93145752e-1, 1.42860677e-6)
# exp is 0 below and infinite above, in float32.
LOWEST, HIGHEST = -104.0, 89.0


def rounded(function: Callable[[Var], Var], x: Var) -> Var:
    """The function, computed in float64 and rounded to the type of x."""
    return cast(function(cast(x, working(np.float64))), dtype_of(x))


def exp(x: Var) -> Var:
    """numpy.exp, of float32 bit by bit as numpy computes it on processors with AVX2 or AVX512.

    Each of its fused multiply-adds is a float64 product and sum here, rounded once.
    """
    if not is_exact(x):
        return ops.exp(x)
    x = ops.clip(x, constant_like(x, LOWEST), constant_like(x, HIGHEST))
    powers = _nearest_integer(ops.mul(x, constant_like(x, np.log2(np.e))))
    for part in LOG_2:
        x = _multiply_add(powers, constant_like(x, -part), x)
    scale = ops.pow(constant(np.array(2.0)), cast(powers, np.float64))
    return cast(ops.mul(cast(_rational(x, EXP), np.float64), scale), np.float32)


def log(x: Var) -> Var:
    """numpy.log, of float32 as `exp`; of 0 and of what has no finite logarithm it is the operator's."""
    if not is_exact(x):
        return ops.log(x)
    wide, two = cast(x, np.float64), constant(np.array(2.0))
    powers = _nearest_integer(ops.div(ops.log(wide), constant(np.log(2.0))))
    fraction = cast(ops.mul(wide, ops.pow(two, ops.neg(powers))), np.float32)
    part = _rational(ops.sub(fraction, constant_like(x, 1.0)), LOG)
    ordinary = ops.and_(ops.greater(x, constant_like(x, 0.0)), ops.less(x, constant_like(x, np.inf)))
    return ops.where(ordinary, _multiply_add(cast(powers, np.float32), constant_like(x, np.log(2.0)), part), ops.log(x))


def logsumexp(x: Var, classes: int, add: Callable[[Sequence[Var]], Var]) -> Var:
    """log(sum(exp(x))) of each row of float32, bit by bit but for log1p. x: [N, classes] -> [N, 1].

    add: how numpy adds up the columns of an array like x. Source: sklearn.utils._array_api._logsumexp.
    """
    axes, one = constant(np.array([1])), constant_like(x, 1.0)
    largest = ops.reduce_max(x, axes)
    infinite = ops.or_(ops.isinf(largest), ops.isnan(largest))
    shift = ops.where(infinite, constant_like(x, 0.0), largest)
    is_largest = ops.equal(x, largest)
    terms = ops.where(is_largest, constant_like(x, 0.0), exp(ops.sub(x, shift)))
    total = as_columns(add([column(terms, i) for i in range(classes)]))
    count = ops.reduce_sum(cast(is_largest, dtype_of(x)), axes)
    share = ops.where(ops.equal(total, constant_like(x, 0.0)), total, ops.div(total, ops.max([count, one])))
    return ops.add(ops.add(rounded(log1p, share), log(count)), largest)


def is_exact(x: Var) -> bool:
    """Whether this is a float32 number of the original, not one of fast mode."""
    return dtype_of(x) == np.float32 and working(np.float64) == np.float64


def _rational(x: Var, parts: tuple[tuple[float, ...], tuple[float, ...]]) -> Var:
    return ops.div(_polynomial(x, parts[0]), _polynomial(x, parts[1]))


def _polynomial(x: Var, coefficients: tuple[float, ...]) -> Var:
    total = constant_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        total = _multiply_add(total, x, constant_like(x, coefficient))
    return total


def _nearest_integer(x: Var) -> Var:
    """As numpy does it, by a sum so large that it has no fraction. Round would be a jump to the proof, and exp has none."""
    digits = 23 if dtype_of(x) == np.float32 else 52
    large = constant_like(x, 1.5 * 2.0**digits)
    return ops.sub(ops.add(x, large), large)


def _multiply_add(a: Var, b: Var, c: Var) -> Var:
    """a * b + c of float32, rounded once."""
    a, b, c = (cast(value, np.float64) for value in (a, b, c))
    return cast(ops.add(ops.mul(a, b), c), np.float32)

"""numpy's functions of float32 numbers. ONNX Runtime's own are up to two ulp off, and not by the same ulp: where a sum of large
terms or a cosine follows, that is no longer within 8 ulp."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.block import working
from ...graph.values import cast, constant, constant_like, dtype_of
from .arrays import as_columns, column

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
LOG1P = (
    6.6666668653e-01,
    4.0000000596e-01,
    2.8571429849e-01,
    2.2222198546e-01,
    1.8183572590e-01,
    1.5313838422e-01,
    1.4798198640e-01,
)
LOG1P_2 = (6.9313812256e-01, 9.0580006145e-06)
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
    large = constant_like(x, 1.5 * 2.0**23)  # has no fraction, nor has a sum with it: Round would look like a jump to the proof
    powers = cast(ops.sub(ops.add(ops.mul(x, constant_like(x, np.log2(np.e))), large), large), np.float64)
    rest = cast(x, np.float64)
    for part in LOG_2:
        rest = _single(ops.sub(rest, ops.mul(powers, constant(float(np.float32(part))))))
    return cast(ops.mul(_rational(rest, EXP), ops.pow(constant(2.0), powers)), np.float32)


def log(x: Var) -> Var:
    """numpy.log, of float32 as `exp`; of 0 and of what has no finite logarithm it is the operator's."""
    if not is_exact(x):
        return ops.log(x)
    wide, large, log_2 = cast(x, np.float64), constant(1.5 * 2.0**52), constant(float(np.float32(np.log(2.0))))
    logarithm = ops.log(wide)
    powers = ops.sub(ops.add(ops.mul(logarithm, constant(np.log2(np.e))), large), large)
    fraction = ops.mul(wide, ops.pow(constant(2.0), ops.neg(powers)))
    part = _rational(ops.sub(fraction, constant(1.0)), LOG)
    ordinary = ops.and_(ops.greater(x, constant_like(x, 0.0)), ops.less(x, constant_like(x, np.inf)))
    return cast(ops.where(ordinary, ops.add(ops.mul(powers, log_2), part), logarithm), np.float32)


def log1p(x: Var) -> Var:
    """log(1 + x) of float32 numbers from 0 on, bit by bit as glibc up to 2.40 computes it, which numpy calls.

    Source: fdlibm's s_log1pf.c: 1 + x = 2^k (1 + f), and c is what the sum 1 + x lost. Plain float32 operations throughout.
    """
    one, half, two = (constant_like(x, number) for number in (1.0, 0.5, 2.0))
    u = ops.add(one, x)
    wide, large = cast(u, np.float64), constant(1.5 * 2.0**52)
    powers = ops.sub(ops.add(ops.mul(ops.log(wide), constant(np.log2(np.e))), large), large)
    k = cast(powers, np.float32)
    small = ops.less(x, constant_like(x, np.sqrt(2.0) - 1.0))
    fraction = cast(ops.mul(wide, ops.pow(constant(2.0), ops.neg(powers))), np.float32)
    lost = ops.where(ops.less(u, two), ops.sub(x, ops.sub(u, one)), ops.sub(one, ops.sub(u, x)))
    c = ops.where(small, constant_like(x, 0.0), ops.div(lost, u))
    f = ops.where(small, x, ops.sub(fraction, one))
    square = ops.mul(ops.mul(half, f), f)
    s = ops.div(f, ops.add(two, f))
    z = ops.mul(s, s)
    r = constant_like(x, LOG1P[-1])
    for coefficient in LOG1P[-2::-1]:
        r = ops.add(constant_like(x, coefficient), ops.mul(z, r))
    correction = ops.add(ops.mul(k, constant_like(x, LOG1P_2[1])), c)
    inner = ops.add(ops.mul(s, ops.add(square, ops.mul(z, r))), correction)
    total = ops.sub(ops.mul(k, constant_like(x, LOG1P_2[0])), ops.sub(ops.sub(square, inner), f))
    return ops.where(ops.less(x, constant_like(x, np.inf)), total, x)


def logsumexp(x: Var, classes: int, add: Callable[[Sequence[Var]], Var]) -> Var:
    """log(sum(exp(x))) of each row of float32, bit by bit. x: [N, classes] -> [N, 1].

    add: how numpy adds up the columns of an array like x. Source: sklearn.utils._array_api._logsumexp.
    """
    axes = constant(np.array([1]))
    with np.errstate(divide="ignore"):
        logarithms = np.log(np.arange(classes + 1, dtype=np.float32))
    largest = ops.reduce_max(x, axes)
    infinite = ops.or_(ops.isinf(largest), ops.isnan(largest))
    shift = ops.where(infinite, constant_like(x, 0.0), largest)
    is_largest = ops.equal(x, largest)
    terms = ops.where(is_largest, constant_like(x, 0.0), exp(ops.sub(x, shift)))
    total = as_columns(add([column(terms, i) for i in range(classes)]))
    count = ops.reduce_sum(cast(is_largest, np.int64), axes)
    share = ops.where(
        ops.equal(total, constant_like(x, 0.0)), total, ops.div(total, cast(ops.max([count, constant(1)]), np.float32))
    )
    return ops.add(ops.add(log1p(share), ops.gather(constant(logarithms), count, axis=0)), largest)


def is_exact(x: Var) -> bool:
    """Whether this is a float32 number of the original, not one of fast mode."""
    return dtype_of(x) == np.float32 and working(np.float64) == np.float64


def _rational(x: Var, parts: tuple[tuple[float, ...], tuple[float, ...]]) -> Var:
    """The quotient of two polynomials with float32 coefficients, both side by side. x: float32 numbers, held in float64."""
    shape = (2, *(1 for _ in x.unwrap_tensor().shape or ()))
    degrees = zip_longest(*parts, fillvalue=0.0)
    coefficients = [constant(np.array(pair, np.float32).astype(np.float64).reshape(shape)) for pair in degrees]
    x, total = ops.unsqueeze(x, constant([0])), coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        total = _single(ops.add(ops.mul(total, x), coefficient))
    above, below = (ops.gather(total, constant(side), axis=0) for side in (0, 1))
    return _single(ops.div(above, below))


def _single(x: Var) -> Var:
    """Rounded to float32, held in float64."""
    return cast(cast(x, np.float32), np.float64)

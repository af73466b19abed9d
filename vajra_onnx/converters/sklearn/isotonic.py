"""sklearn.isotonic: piecewise linear interpolation."""

from __future__ import annotations

import numpy as np
from sklearn.isotonic import IsotonicRegression
from spox import Var

from ...errors import UnsupportedError
from ...graph import ops
from ...graph.block import Block, working
from ...graph.refuse import gather_or_refuse
from ...graph.values import cast, constant, constant_like, dtype_of
from ..registry import Outputs, converts

LAST = np.array([-1])


@converts(IsotonicRegression)
def isotonic_regression(model: IsotonicRegression, block: Block) -> Outputs:
    """One column in, [N] out; the two methods are one."""
    x = ops.reshape(block.matrix(model.X_thresholds_.dtype), constant(LAST))
    y = interpolate(model, x)
    return {"predict": y, "transform": y}


def interpolate(model: IsotonicRegression, x: Var) -> Var:
    """y of the fitted line at x. x: [N] -> [N], in the dtype of the fitted thresholds.

    Source: IsotonicRegression._transform over scipy.interpolate.interp1d, which calls numpy.interp for float64 and computes
    by itself for float32; the two differ in which end of a segment a threshold belongs to.
    """
    xs, ys = model.X_thresholds_, model.y_thresholds_
    x = cast(x, working(xs.dtype))
    if model.out_of_bounds == "clip":
        x = ops.clip(x, constant_like(x, model.X_min_), constant_like(x, model.X_max_))
    if len(ys) == 1:
        return ops.add(ops.mul(x, constant_like(x, 0.0)), constant_like(x, ys[0]))
    y = _numpy_interp(x, xs, ys) if xs.dtype == np.float64 else _scipy_linear(x, xs, ys)
    if model.out_of_bounds == "clip":
        return y
    outside = ops.or_(ops.less(x, constant_like(x, xs[0])), ops.greater(x, constant_like(x, xs[-1])))
    if model.out_of_bounds == "nan":
        return ops.where(outside, constant_like(y, np.nan), y)
    message = f"IsotonicRegression: expected values from {xs[0]} to {xs[-1]}, got one outside (out_of_bounds='raise')"
    zero = gather_or_refuse(np.zeros(1, dtype_of(y)), cast(outside, np.int64), message)
    return ops.add(y, zero)


def _numpy_interp(x: Var, xs: np.ndarray, ys: np.ndarray) -> Var:
    """numpy.interp: the segment that begins at the last threshold <= x; the last threshold is a level segment of its own."""
    segment = ops.sub(_count(ops.greater_or_equal, x, xs), constant(1))
    return _line(x, segment, xs, ys, np.r_[_slopes(xs, ys), 0.0])


def _scipy_linear(x: Var, xs: np.ndarray, ys: np.ndarray) -> Var:
    """interp1d._call_linear: the segment that ends at the first threshold >= x."""
    segment = ops.clip(ops.sub(_count(ops.greater, x, xs), constant(1)), constant(0), constant(len(xs) - 2))
    return _line(x, segment, xs, ys, _slopes(xs, ys))


def _slopes(xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        slopes = np.diff(ys) / np.diff(xs)
    if not np.isfinite(slopes).all():
        raise UnsupportedError("IsotonicRegression with thresholds so close that a slope overflows")
    return np.asarray(slopes)


def _count(compare: object, x: Var, xs: np.ndarray) -> Var:
    """How many thresholds compare true with x. -> int64 [N]."""
    assert callable(compare)
    reached = compare(ops.unsqueeze(x, constant(LAST)), constant_like(x, xs))
    return ops.reduce_sum(cast(reached, np.int64), constant(LAST), keepdims=0)


def _line(x: Var, segment: Var, xs: np.ndarray, ys: np.ndarray, slopes: np.ndarray) -> Var:
    start, level, slope = (ops.gather(constant_like(x, values), segment, axis=0) for values in (xs, ys, slopes))
    return ops.add(ops.mul(slope, ops.sub(x, start)), level)

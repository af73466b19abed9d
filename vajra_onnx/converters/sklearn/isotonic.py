"""sklearn.isotonic: piecewise linear interpolation."""

from __future__ import annotations

import numpy as np
from sklearn.isotonic import IsotonicRegression
from spox import Var

from ...graph import ops
from ...graph.block import Block, working
from ...graph.refuse import gather_or_refuse
from ...graph.values import cast, constant, constant_like, dtype_of
from ..registry import Outputs, converts
from .arrays import as_columns
from .interpolation import interp, interp1d

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
    line = interp if xs.dtype == np.float64 else interp1d
    y = ops.reshape(line(as_columns(x), [(xs, ys)]), constant(LAST))
    if model.out_of_bounds == "clip":
        return y
    outside = ops.or_(ops.less(x, constant_like(x, xs[0])), ops.greater(x, constant_like(x, xs[-1])))
    if model.out_of_bounds == "nan":
        return ops.where(outside, constant_like(y, np.nan), y)
    message = f"IsotonicRegression: expected values from {xs[0]} to {xs[-1]}, got one outside (out_of_bounds='raise')"
    zero = gather_or_refuse(np.zeros(1, dtype_of(y)), cast(outside, np.int64), message)
    return ops.add(y, zero)

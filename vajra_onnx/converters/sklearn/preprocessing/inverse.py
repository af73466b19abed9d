"""inverse_transform of the preprocessing transformers: what a regressor with a transformed target undoes after predicting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, constant_like, dtype_of
from ...registry import qualified_name, step
from ..arrays import in_place
from ..interpolation import interp
from ..special import erf, log1p
from .data import BOUNDS
from .function_transformer import function_transformer


def inverse_transform(model: Any, y: Var) -> Var:
    """What `model.inverse_transform` returns. y: [N, K] of numbers."""
    if type(model) is Pipeline:
        for name, each in reversed(model.steps):
            if each is not None and each != "passthrough":
                with step(f"steps[{name!r}]"):
                    y = inverse_transform(each, y)
        return y
    if type(model) not in INVERSES:
        raise UnsupportedError(f"the inverse of {qualified_name(type(model))}", expected=" | ".join(k.__name__ for k in INVERSES))
    return INVERSES[type(model)](model, y)


def _function(model: FunctionTransformer, y: Var) -> Var:
    """`inverse_func`, by the same table as `func`."""
    inverse = FunctionTransformer(model.inverse_func, kw_args=model.inv_kw_args, validate=model.validate)
    return function_transformer(inverse, Block.matrix_of(y)).matrix()


def _standard(model: StandardScaler, y: Var) -> Var:
    x = _floats(y)
    if model.with_std:
        x = ops.mul(x, constant_like(x, model.scale_))
    return ops.add(x, constant_like(x, model.mean_)) if model.with_mean else x


def _min_max(model: MinMaxScaler, y: Var) -> Var:
    return in_place(ops.div, in_place(ops.sub, _floats(y), model.min_), model.scale_)


def _max_abs(model: MaxAbsScaler, y: Var) -> Var:
    return in_place(ops.mul, _floats(y), model.scale_)


def _robust(model: RobustScaler, y: Var) -> Var:
    x = _floats(y)
    if model.with_scaling:
        x = in_place(ops.mul, x, model.scale_)
    return in_place(ops.add, x, model.center_) if model.with_centering else x


def _power(model: PowerTransformer, y: Var) -> Var:
    """The scaler first; then each column in float64, rounded to its own type at the end."""
    x = _standard(model._scaler, y) if model.standardize else _floats(y)
    undo = _box_cox if model.method == "box-cox" else _yeo_johnson
    return cast(undo(cast(x, working(np.float64)), model.lambdas_), dtype_of(x))


def _box_cox(x: Var, exponents: np.ndarray) -> Var:
    """exp(log1p(e * x) / e), or exp(x) where e is 0. Source: scipy.special.inv_boxcox."""
    zero = exponents == 0
    safe = np.where(zero, 1.0, exponents)
    powers = ops.div(log1p(ops.mul(constant_like(x, safe), x)), constant_like(x, safe))
    return ops.exp(ops.where(constant(zero[None]), x, powers) if zero.any() else powers)


def _yeo_johnson(x: Var, exponents: np.ndarray) -> Var:
    """Above zero (x * e + 1) ** (1 / e) - 1; below, 1 - (1 - (2 - e) * x) ** (1 / (2 - e)). Source: PowerTransformer."""
    one = constant_like(x, 1.0)
    above = ops.sub(_root(x, exponents, np.abs(exponents) < np.spacing(1.0)), one)
    below = ops.sub(one, _root(ops.neg(x), 2 - exponents, np.abs(exponents - 2) <= np.spacing(1.0)))
    return ops.where(ops.greater_or_equal(x, constant_like(x, 0.0)), above, below)


def _root(x: Var, exponents: np.ndarray, zero: np.ndarray) -> Var:
    """(x * e + 1) ** (1 / e), column by column; exp(x) where e counts as zero."""
    safe = np.where(zero, 1.0, exponents)
    powers = ops.pow(ops.add(ops.mul(x, constant_like(x, safe)), constant_like(x, 1.0)), constant_like(x, (1 / safe)[None]))
    return ops.where(constant(zero[None]), ops.exp(x), powers) if zero.any() else powers


def _quantile(model: QuantileTransformer, y: Var) -> Var:
    """From the rank, or from the normal quantile of it, back to the fitted quantiles; in float64. Source: `_transform_col`."""
    x = _floats(y)
    rank = cast(x, working(np.float64))
    quantiles, references = np.asarray(model.quantiles_, np.float64), np.asarray(model.references_, np.float64)
    zero, half, one = (constant_like(rank, value) for value in (0.0, 0.5, 1.0))
    if model.output_distribution == "normal":
        rank = ops.mul(half, ops.add(one, erf(ops.mul(rank, constant_like(rank, np.sqrt(0.5))))))
    inside = interp(rank, [(references, column) for column in quantiles.T])
    if model.output_distribution == "normal":
        bound = constant_like(rank, BOUNDS)
        above = ops.greater(ops.add(rank, bound), one)
        inside = ops.where(above, constant_like(rank, quantiles[-1:]), inside)
        inside = ops.where(ops.less(ops.sub(rank, bound), zero), constant_like(rank, quantiles[:1]), inside)
    return cast(inside, dtype_of(x))


def _floats(y: Var) -> Var:
    return Block.matrix_of(y).floats()


INVERSES: dict[type, Callable[[Any, Var], Var]] = {
    FunctionTransformer: _function,
    StandardScaler: _standard,
    MinMaxScaler: _min_max,
    MaxAbsScaler: _max_abs,
    RobustScaler: _robust,
    PowerTransformer: _power,
    QuantileTransformer: _quantile,
}

"""sklearn.preprocessing._data: scalers, normalisers, thresholds, power and quantile transforms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import scipy.stats
from sklearn.preprocessing import (
    Binarizer,
    KernelCenterer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from spox import Var

from ....graph import ops
from ....graph.block import Block, Part, working
from ....graph.origins import Product, Rising
from ....graph.refuse import gather_or_refuse, refuse_where
from ....graph.target import current
from ....graph.values import cast, constant, constant_like, dtype_of
from ...registry import converts
from ..arrays import as_columns, in_place, pairwise_sums
from ..csr import normalised, scaled
from ..float32 import rounded
from ..interpolation import interp
from ..special import expm1, log1p
from .quantile import ndtri

ROWS = np.array([1])
# sklearn.preprocessing._data.BOUNDS_THRESHOLD: this close to the outer quantiles, a number counts as one of them.
BOUNDS = 1e-7


@converts(StandardScaler)
def standard_scaler(scaler: StandardScaler, block: Block) -> Block:
    """(x - mean) / scale, in this order and in scikit-learn's own dtype: a product with 1 / scale differs by an ulp."""
    if block.sparse and scaler.with_std:
        return _scaled_sparse(block, scaler.scale_)
    x = block.floats()
    steps: list[tuple[np.ufunc, np.ndarray]] = []
    mean = scaler.mean_ if scaler.with_mean else np.zeros(block.width)
    scale = scaler.scale_ if scaler.with_std else np.ones(block.width)
    source, offset = x, -mean / scale
    if scaler.with_mean:
        x = ops.sub(x, constant_like(x, scaler.mean_))
        steps.append((np.subtract, scaler.mean_))
    if current().mode == "exact":  # without the difference, a mean far from 0 would cost digits
        source, offset = x, np.zeros(block.width)
    if scaler.with_std:
        x = ops.div(x, constant_like(x, scaler.scale_))
        steps.append((np.divide, scaler.scale_))
    product = Product(source, 1.0 / scale, offset) if dtype_of(x) == working(np.float64) else None
    return Block((Part(x, block.width, origin=_rising(block, dtype_of(x), steps), product=product),), sparse=block.sparse)


def _rising(block: Block, dtype: np.dtype, steps: list[tuple[np.ufunc, np.ndarray]]) -> Rising | None:
    """The block's columns after these steps, column by column in this dtype; none of them lets greater numbers fall behind."""
    origin = block.rising()
    dtype = np.dtype(np.float64) if current().mode == "fast" else dtype
    functions = [[(operator, np.asarray(values)[i].astype(dtype)) for operator, values in steps] for i in range(block.width)]
    return None if origin is None else origin.then([partial(_stepwise, steps=f, dtype=dtype) for f in functions])


def _stepwise(x: np.ndarray, steps: list[tuple[np.ufunc, np.generic]], dtype: np.dtype) -> np.ndarray:
    with np.errstate(all="ignore"):
        y = x.astype(dtype)
        for operator, value in steps:
            y = operator(y, value)
    return y.astype(np.float64)


@converts(MinMaxScaler)
def min_max_scaler(scaler: MinMaxScaler, block: Block) -> Block:
    """x * scale + min, then clipped to the feature range on request."""
    x = in_place(ops.add, in_place(ops.mul, block.floats(), scaler.scale_), scaler.min_)
    if scaler.clip:
        return _same_columns(block, _clipped(x, *scaler.feature_range))
    product = Product(block.floats(), scaler.scale_, scaler.min_) if current().mode == "fast" else None
    return Block((Part(x, block.width, product=product),), sparse=block.sparse)


@converts(MaxAbsScaler)
def max_abs_scaler(scaler: MaxAbsScaler, block: Block) -> Block:
    """x / scale, then clipped to [-1, 1] on request (an option since scikit-learn 1.8)."""
    clip = getattr(scaler, "clip", False)
    if block.sparse and not clip:
        return _scaled_sparse(block, scaler.scale_)
    x = _scaled_sparse(block, scaler.scale_).matrix() if block.sparse else in_place(ops.div, block.floats(), scaler.scale_)
    return _same_columns(block, _clipped(x, -1.0, 1.0) if clip else x)


@converts(RobustScaler)
def robust_scaler(scaler: RobustScaler, block: Block) -> Block:
    """(x - center) / scale."""
    if block.sparse and scaler.with_scaling:
        return _scaled_sparse(block, scaler.scale_)
    x = block.floats()
    if scaler.with_centering:
        x = in_place(ops.sub, x, scaler.center_)
    if scaler.with_scaling:
        x = in_place(ops.div, x, scaler.scale_)
    return _same_columns(block, x)


@converts(Normalizer)
def normalizer(model: Normalizer, block: Block) -> Block:
    """Every row divided by its norm; a row whose norm is (nearly) zero stays as it is."""
    entries = block.entries(block.float_dtype) if block.sparse and model.norm in ("l1", "l2") else None
    if entries is not None:
        return Block.of_entries(normalised(entries, model.norm))
    x = block.floats()
    norms = _NORMS[model.norm](x)
    # Of a sparse matrix only the empty rows are skipped; of an array also those with a norm of mere rounding errors.
    skipped = (
        ops.equal(norms, constant_like(x, 0.0))
        if block.sparse
        else ops.less(norms, constant_like(x, 10 * np.finfo(dtype_of(x)).eps))
    )
    return _same_columns(block, ops.div(x, ops.where(skipped, constant_like(x, 1.0), norms)))


@converts(Binarizer)
def binarizer(model: Binarizer, block: Block) -> Block:
    """1 where x > threshold, else 0, in the dtype of x; compared as floats, in the wider type where the threshold has one."""
    x = block.numeric().matrix()
    floats = dtype_of(x) if dtype_of(x).kind == "f" else np.dtype(np.float64)
    wide = working(np.result_type(floats, model.threshold))
    return _same_columns(block, cast(ops.greater(cast(x, wide), constant(model.threshold, wide)), dtype_of(x)))


@converts(KernelCenterer)
def kernel_centerer(model: KernelCenterer, block: Block) -> Block:
    """k - mean of each fitted row - mean of this row + mean of all."""
    k = block.floats()
    sums = as_columns(pairwise_sums(k, block.width))
    rows = ops.div(sums, constant_like(k, model.K_fit_rows_.shape[0]))
    return _same_columns(block, in_place(ops.add, ops.sub(in_place(ops.sub, k, model.K_fit_rows_), rows), model.K_fit_all_))


@converts(PowerTransformer)
def power_transformer(model: PowerTransformer, block: Block) -> Block:
    """Box-Cox or Yeo-Johnson with the fitted exponents, then the StandardScaler that was fitted on the result."""
    x = block.floats()
    transform = _box_cox if model.method == "box-cox" else _yeo_johnson
    y = _same_columns(block, cast(transform(x, model.lambdas_), dtype_of(x)))
    return standard_scaler(model._scaler, y) if model.standardize else y


def _box_cox(x: Var, exponents: np.ndarray) -> Var:
    """(x ** e - 1) / e, log(x) where e is 0; in float64. Source: scipy.special.boxcox."""
    x = cast(x, working(np.float64))
    message = "PowerTransformer: expected positive numbers for method='box-cox', got one that is not"
    zero = gather_or_refuse(np.zeros(1, dtype_of(x)), cast(ops.less_or_equal(x, constant_like(x, 0.0)), np.int64), message)
    return _power(ops.add(ops.log(x), zero), exponents, np.abs(exponents) < 1e-19)


def _yeo_johnson(x: Var, exponents: np.ndarray) -> Var:
    """Box-Cox of 1 + x; below zero, that of 1 - x with the exponent 2 - e, negative. Source: scipy.stats.yeojohnson.

    scipy rounds each step to float32 where the numbers are float32.
    """
    wide = working(np.result_type(dtype_of(x), exponents.dtype))
    eps = np.finfo(wide).eps
    positive = ops.greater_or_equal(x, constant_like(x, 0.0))
    log = cast(rounded(log1p, ops.abs(x)), wide)
    above = _power(log, exponents, np.abs(exponents) < eps)
    below = _power(log, 2 - exponents, np.abs(exponents - 2) <= eps)
    return ops.where(positive, above, ops.neg(below))


def _power(log: Var, exponents: np.ndarray, zero: np.ndarray) -> Var:
    """expm1(e * log) / e, column by column; the logarithm itself where e counts as zero."""
    powers = rounded(expm1, ops.mul(constant_like(log, exponents), log))
    y = ops.div(powers, constant_like(log, np.where(zero, 1.0, exponents)))
    return ops.where(constant(zero), log, y) if zero.any() else y


@converts(QuantileTransformer)
def quantile_transformer(model: QuantileTransformer, block: Block) -> Block:
    """The rank among the fitted quantiles: the mean of two interpolations, for equal quantiles from either side; then, for
    output_distribution="normal", the quantile of the normal distribution, clipped. Of a sparse matrix only what it stores."""
    x = block.floats()
    if block.sparse and not model.ignore_implicit_zeros:
        message = "QuantileTransformer: expected no negative number in a sparse matrix, got one"
        x = refuse_where(x, ops.less(x, constant_like(x, 0.0)), message)
    quantiles, ranks = np.asarray(model.quantiles_, np.float64), np.asarray(model.references_, np.float64)
    normal = model.output_distribution == "normal"
    wide = cast(x, working(np.float64))
    rising = interp(wide, [(q, ranks) for q in quantiles.T])
    falling = interp(ops.neg(wide), [(-q[::-1], -ranks[::-1]) for q in quantiles.T])
    rank = cast(ops.mul(constant_like(wide, 0.5), ops.sub(rising, falling)), dtype_of(x))
    lowest, highest = constant_like(wide, quantiles[0]), constant_like(wide, quantiles[-1])
    if normal:
        bound = constant_like(x, BOUNDS)
        below = ops.less(cast(ops.sub(x, bound), dtype_of(wide)), lowest)
        above = ops.greater(cast(ops.add(x, bound), dtype_of(wide)), highest)
    else:
        below, above = ops.equal(wide, lowest), ops.equal(wide, highest)
    rank = ops.where(below, constant_like(x, 0.0), ops.where(above, constant_like(x, 1.0), rank))
    result = rounded(_clipped_normal, rank) if normal else rank
    if not block.sparse:
        return _same_columns(block, result)
    absent = ops.equal(x, constant_like(x, 0.0))
    return replace(_same_columns(block, ops.where(absent, x, result)), stored_zeros=True)  # the lowest quantile becomes one


def _clipped_normal(rank: Var) -> Var:
    edge = BOUNDS - np.spacing(1)
    return _clipped(ndtri(rank), *scipy.stats.norm.ppf([edge, 1 - edge]))


def _same_columns(block: Block, x: Var) -> Block:
    return Block.matrix_of(x, block.width, sparse=block.sparse)


def _scaled_sparse(block: Block, scale: np.ndarray) -> Block:
    """Sparse matrices are multiplied by the reciprocal (sklearn.utils.sparsefuncs.inplace_column_scale)."""
    entries = block.entries(block.float_dtype)
    if entries is None:
        return _same_columns(block, in_place(ops.mul, block.floats(), 1.0 / scale))
    return Block.of_entries(scaled(entries, 1.0 / scale))


def _clipped(x: Var, low: float, high: float) -> Var:
    return ops.clip(x, constant_like(x, low), constant_like(x, high))


def _l1(x: Var) -> Var:
    return ops.reduce_sum(ops.abs(x), constant(ROWS))


def _l2(x: Var) -> Var:
    return ops.sqrt(ops.reduce_sum(ops.mul(x, x), constant(ROWS)))


def _max(x: Var) -> Var:
    return ops.reduce_max(ops.abs(x), constant(ROWS))


_NORMS: dict[str, Callable[[Var], Var]] = {"l1": _l1, "l2": _l2, "max": _max}

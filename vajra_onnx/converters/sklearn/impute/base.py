"""sklearn.impute._base: SimpleImputer and MissingIndicator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.utils._mask import _get_mask
from sklearn.utils._missing import is_pandas_na, is_scalar_nan
from spox import Var

from ....errors import UnsupportedError
from ....frames.missing import NA, NAN, NONE, encode_text
from ....graph import ops
from ....graph.block import Block, Part
from ....graph.origins import Origin, Replaced
from ....graph.refuse import gather_or_refuse
from ....graph.target import current
from ....graph.values import cast, concat, constant, dtype_of, is_string
from ...registry import converts
from ..containers import hstack
from ..missing import missing_mask, missing_texts

# ONNX Runtime has no Where for these; int64 holds them, the bit pattern of uint64 included.
WITHOUT_WHERE = (np.dtype(np.int16), np.dtype(np.uint16), np.dtype(np.uint64))


@converts(SimpleImputer)
def simple_imputer(imputer: SimpleImputer, block: Block) -> Block:
    """Each missing value becomes its column's statistic; columns that were empty in the fit are left out.

    The mean and the median compute in floats, the other strategies in the dtype that the columns have. Source: `transform`.
    """
    check_width(block, len(imputer.statistics_))
    statistics = np.asarray(imputer.statistics_)
    kept = np.full(len(statistics), True) if imputer.keep_empty_features else ~_get_mask(statistics, np.nan)
    keeps_dtype = imputer.strategy in ("most_frequent", "constant")
    numeric = imputer.strategy == "constant" and imputer._fill_dtype.kind != "O" and not block.is_string
    if numeric and not np.can_cast(imputer._fill_dtype, block.dtype, "same_kind"):
        raise UnsupportedError("columns to impute", expected=str(imputer._fill_dtype), got=str(block.dtype))
    imputed, indicators = [], []
    for start, x, width in _runs(block, keeps_dtype):
        mask = missing_mask(x, imputer.missing_values, allowed_text(imputer), "SimpleImputer")
        chosen = np.flatnonzero(kept[start : start + width])
        if len(chosen):
            fill = statistics[start + chosen].astype(imputer._fill_dtype)
            missing = None if mask is None else _select(mask, chosen, width)
            values = _filled(_select(x, chosen, width), missing, fill)
            origin = _origin(imputer, block.select(start + chosen), values, missing, fill)
            imputed.append(Block((Part(values, len(chosen), origin=origin),)))
        if imputer.add_indicator:
            indicators.append(indicator_columns(x, mask, imputer.indicator_.features_ - start, width))
    result = hstack([*imputed, *indicators], sparse=block.sparse)
    return replace(result, stored_zeros=result.stored_zeros or (block.sparse and bool((statistics[kept] == 0).any())))


def _origin(imputer: SimpleImputer, columns: Block, values: Var, missing: Var | None, fill: np.ndarray) -> Origin | None:
    """The imputed columns as they follow from the ones before: text by replacement, numbers by a function that never falls."""
    if is_string(values):
        parts = columns.columns()
        absent, refused, message = missing_texts(imputer.missing_values, allowed_text(imputer), "SimpleImputer")
        texts = [dict.fromkeys(absent, encode_text(value) or "") for value in fill.tolist()]
        plain = not any(isinstance(part.origin, Replaced) for part in parts)
        return Replaced(tuple(p.var for p in parts), tuple(texts), frozenset(refused), message) if plain else None
    rising, kind = columns.rising(), dtype_of(values)
    if rising is None or missing is None or kind.kind != "f" or not is_scalar_nan(imputer.missing_values):
        return rising if missing is None else None
    fills = fill if current().mode == "fast" else fill.astype(kind)
    return rising.then([partial(_imputed, fill=float(value)) for value in fills])


def _imputed(x: np.ndarray, fill: float) -> np.ndarray:
    return np.where(np.isnan(x), fill, x)


@converts(MissingIndicator)
def missing_indicator(indicator: MissingIndicator, block: Block) -> Block:
    """True where a value is missing, for the columns that had missing values in the fit, or for all.

    Where `error_on_new`, a missing value in one of the other columns is refused.
    """
    check_width(block, indicator._n_features)
    others = np.setdiff1d(np.arange(indicator._n_features), indicator.features_)
    shown, unseen = [], []
    for start, x, width in _runs(block, keeps_dtype=True):
        mask = missing_mask(x, indicator.missing_values, allowed_text(indicator), "MissingIndicator")
        shown.append(indicator_columns(x, mask, indicator.features_ - start, width))
        rest = _inside(others - start, width)
        if mask is not None and len(rest):
            unseen.append(_select(mask, rest, width))
    sparse = indicator.sparse is True or (indicator.sparse == "auto" and block.sparse)
    result = hstack(shown, sparse=sparse)
    if not (unseen and indicator.error_on_new):
        return result
    if not result.width:
        raise UnsupportedError("MissingIndicator without any column", hint="drop it, or set features='all'")
    return Block.matrix_of(_unless_missing(result.matrix(), concat(unseen)), result.width, sparse=sparse)


def _runs(block: Block, keeps_dtype: bool) -> Iterator[tuple[int, Var, int]]:
    """The columns as scikit-learn sees them, adjacent ones of one kind together: first column, [N, width], width.

    Columns of text and of numbers make one array of objects in the original, and stay apart here.
    """
    if not keeps_dtype:
        yield 0, block.floats(), block.width
        return
    columns = hstack([block]) if block.is_string else block
    start = 0
    for _, parts in groupby(columns.parts, key=lambda part: part.is_string):
        run = Block(tuple(parts))
        yield start, run.matrix(), run.width
        start += run.width


def _filled(x: Var, mask: Var | None, fill: np.ndarray) -> Var:
    """`x` with `fill` [F] where the mask is set."""
    if mask is None:
        return x
    if is_string(x):
        texts = [encode_text(value) for value in fill.tolist()]
        if any(text is None for text in texts):
            raise UnsupportedError("fill_value in a column of text", expected="text", got=repr(fill.tolist()))
        return ops.where(mask, constant(np.array([texts], object)), x)
    if fill.dtype == object and any(isinstance(value, str) or value is None for value in fill):
        raise UnsupportedError("fill_value in a column of numbers", expected="a number", got=repr(fill.tolist()))
    dtype = dtype_of(x)
    wide = np.dtype(np.int64) if dtype in WITHOUT_WHERE else dtype
    return cast(ops.where(mask, constant(fill.astype(dtype).astype(wide)[None]), cast(x, wide)), dtype)


def indicator_columns(x: Var, mask: Var | None, features: np.ndarray, width: int) -> Block:
    """The mask of those features that lie in this run."""
    inside = _inside(features, width)
    if not len(inside):
        return Block(())
    never = ops.not_(ops.equal(x, x)) if mask is None else mask
    return Block.matrix_of(_select(never, inside, width), len(inside))


def _unless_missing(shown: Var, unseen: Var) -> Var:
    """`shown`, once every value of `unseen` is False."""
    message = "missing value in a column that had none in the fit (MissingIndicator error_on_new=True)"
    zeros = gather_or_refuse(np.zeros(1, np.int64), cast(unseen, np.int64), message)
    return ops.or_(shown, cast(ops.reduce_sum(zeros, constant([1]), keepdims=1), np.bool_))


def allowed_text(estimator: Any) -> set[str]:
    """The missing strings that pass scikit-learn's own check of its input: `X != X` on objects trips over pandas.NA."""
    if is_scalar_nan(estimator.missing_values):
        return {NAN, NONE}
    if is_pandas_na(estimator.missing_values) and isinstance(estimator, SimpleImputer):
        return {NAN, NONE, NA}
    return {NONE}


def _select(x: Var, columns: Sequence[int] | np.ndarray, width: int) -> Var:
    return Block.matrix_of(x, width).select(columns).parts[0].var


def _inside(features: np.ndarray, width: int) -> np.ndarray:
    return features[(features >= 0) & (features < width)]


def check_width(block: Block, expected: int) -> None:
    if block.width != expected:
        raise UnsupportedError(expected=f"{expected} columns", got=str(block.width))

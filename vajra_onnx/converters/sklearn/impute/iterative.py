"""sklearn.impute._iterative."""

from __future__ import annotations

import numpy as np
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, concat, constant, constant_like, dtype_of
from ...registry import convert, converts, step, transform
from ..arrays import as_columns
from ..containers import hstack
from ..missing import missing_mask
from .base import check_width, indicator_columns


@converts(IterativeImputer)
def iterative_imputer(imputer: IterativeImputer, block: Block) -> Block:
    """Missing numbers start as the initial imputer's, and become what each fitted regressor says, in the order of the fit.

    A batch in which nothing is known stays as the initial imputer fills it. Source: `transform`.
    """
    check_width(block, len(imputer._is_empty_feature))
    if imputer.sample_posterior:
        raise UnsupportedError("IterativeImputer(sample_posterior=True)", hint="no graph draws at random as numpy does")
    x = block.floats()
    mask = missing_mask(x, imputer.missing_values, set(), "IterativeImputer")
    empty = np.asarray(imputer._is_empty_feature)
    kept = np.arange(len(empty)) if imputer.keep_empty_features else np.flatnonzero(~empty)
    initial = transform(imputer.initial_imputer_, Block.matrix_of(x, block.width))
    if initial.width != len(kept):
        raise UnsupportedError(
            "IterativeImputer: columns of the initial imputer", expected=str(len(kept)), got=str(initial.width)
        )
    filled = initial.matrix()
    if mask is not None and imputer.n_iter_ > 0:
        missing = Block.matrix_of(mask, block.width).select(kept).matrix()
        if imputer.keep_empty_features and empty.any():
            missing = ops.and_(missing, constant(~empty[None]))
        filled = _imputed(imputer, filled, missing, len(kept))
    results = [Block.matrix_of(filled, len(kept))]
    if imputer.add_indicator:
        results.append(indicator_columns(x, mask, imputer.indicator_.features_, block.width))
    return hstack(results)


def _imputed(imputer: IterativeImputer, filled: Var, missing: Var, width: int) -> Var:
    """One regressor after the other, each from the columns as its predecessors left them. filled, missing: [N, width]."""
    columns = [Block.matrix_of(filled, width).column(i).var for i in range(width)]
    gaps = [Block.matrix_of(missing, width).column(i).var for i in range(width)]
    for place, (feature, neighbours, estimator) in enumerate(imputer.imputation_sequence_):
        seen = Block.matrix_of(concat([columns[i] for i in neighbours]), len(neighbours))
        with step(f"imputation_sequence_[{place}]"):
            said = convert(estimator, seen).get("predict")
        if not isinstance(said, Var):
            raise UnsupportedError(expected="a regressor", got=type(estimator).__name__)
        limited = _clipped(as_columns(said), imputer._min_value[feature], imputer._max_value[feature])
        columns[feature] = ops.where(gaps[feature], cast(limited, dtype_of(filled)), columns[feature])
    nothing_known = cast(ops.reduce_min(cast(missing, np.int32), keepdims=0), np.bool_)
    return ops.where(nothing_known, filled, concat(columns))


def _clipped(y: Var, low: float, high: float) -> Var:
    """numpy.clip with limits of float64; no node where there are none."""
    if np.isinf(low) and np.isinf(high):
        return y
    wide = cast(y, working(np.float64))
    return ops.clip(wide, constant_like(wide, low), constant_like(wide, high))

"""The columns that the trees look at: numbers as float32, one-hot categories as 0.0 or 1.0, statistics of categories."""

from __future__ import annotations

from itertools import groupby

import numpy as np
from spox import Var

from ...errors import UnsupportedError
from ...graph import ops
from ...graph.block import Block
from ...graph.values import cast, concat, constant
from .categories import hashes, holds
from .model import Model
from .statistics import combined_hashes, statistics


def features(block: Block, model: Model) -> Var:
    """float32 [N, C], see `Model`; missing numbers as NaN, which is above no border, or as infinity, which is above all.

    CatBoost rounds every column of numbers to float32, whatever its dtype. Absent entries of a sparse matrix are zeros.
    """
    _check_columns(block, model)
    parts = [_substituted(_numbers(block.select(model.numbers.values())), model)] if model.numbers else []
    asked = sorted({feature for feature, _ in model.one_hots}.union(*(c.projection.features for c in model.ctrs)))
    if asked:
        place = {feature: i for i, feature in enumerate(asked)}
        hashed = hashes([block.column(model.categories[feature]) for feature in asked])
        if model.one_hots:
            asks = holds(hashed, [(place[feature], value) for feature, value in model.one_hots])
            parts.append(ops.transpose(cast(asks, np.float32), perm=[1, 0]))
        if model.ctrs:
            number = {feature: i for i, feature in enumerate(model.numbers)}
            projections = tuple(dict.fromkeys(ctr.projection for ctr in model.ctrs))
            x = ops.transpose(parts[0], perm=[1, 0]) if model.numbers else None
            parts.append(statistics(model.ctrs, combined_hashes(projections, hashed, place, x, number)))
    if not parts:
        raise UnsupportedError("a model of CatBoost that looks at no feature")
    return concat(parts)


def _numbers(block: Block) -> Var:
    """Runs of columns of one dtype are rounded together; an array has been promoted to one dtype before."""
    if not block.frame:
        return cast(block.matrix(), np.float32)
    runs = [list(run) for _, run in groupby(block.parts, key=lambda p: p.dtype)]
    return concat([cast(concat([p.var for p in run]), np.float32) for run in runs])


def _substituted(x: Var, model: Model) -> Var:
    """Infinity in place of NaN where the model takes a missing value for a large one (`BinarizeFloats` does it so)."""
    if not model.large:
        return x
    large = np.array([feature in model.large for feature in model.numbers])
    return ops.where(ops.and_(ops.isnan(x), constant(large[None, :])), constant(np.inf, np.float32), x)


def _check_columns(block: Block, model: Model) -> None:
    """What CatBoost itself checks: the number of features and, of a frame, their names in order."""
    if block.width != model.n_features:
        raise UnsupportedError("columns", expected=f"{model.n_features} features", got=str(block.width))
    unnamed = model.names == tuple(map(str, range(model.n_features)))  # as an array's features are
    if block.frame and not unnamed and block.names is not None and block.names != model.names:
        raise UnsupportedError("columns", expected=", ".join(model.names), got=", ".join(block.names))
    for index in sorted(set(range(model.n_features)) - set(model.categories.values())):
        column = block.column(index)
        if column.is_string or column.datetime or column.categories is not None:
            raise UnsupportedError(
                f"column {model.names[index]!r}",
                expected="numbers or booleans, as in the training data",
                got="datetimes" if column.datetime else "text" if column.is_string else "a categorical column",
            )

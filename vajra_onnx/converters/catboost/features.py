"""The columns that the trees look at: numbers as float32, one-hot categories as 0.0 or 1.0, statistics of categories."""

from __future__ import annotations

from itertools import groupby

import numpy as np
from spox import Var

from ...errors import UnsupportedError
from ...graph import ops
from ...graph.block import Block
from ...graph.values import cast, concat
from .model import Model


def features(block: Block, model: Model) -> Var:
    """float32 [N, C], see `Model`; missing numbers as NaN.

    CatBoost rounds every column of numbers to float32, whatever its dtype. Absent entries of a sparse matrix are zeros.
    """
    _check_columns(block, model)
    return _numbers(block.select(model.numbers.values()))


def _numbers(block: Block) -> Var:
    """Runs of columns of one dtype are rounded together; an array has been promoted to one dtype before."""
    if not block.frame:
        return cast(block.matrix(), np.float32)
    runs = [list(run) for _, run in groupby(block.parts, key=lambda p: p.dtype)]
    return concat([cast(concat([p.var for p in run]), np.float32) for run in runs])


def _check_columns(block: Block, model: Model) -> None:
    """What CatBoost itself checks: the number of features and, of a frame, their names in order."""
    if block.width != model.n_features:
        raise UnsupportedError("columns", expected=f"{model.n_features} features", got=str(block.width))
    if block.frame and block.names is not None and block.names != model.names:
        if model.names != tuple(map(str, range(model.n_features))):
            raise UnsupportedError("columns", expected=", ".join(model.names), got=", ".join(block.names))
    for index in model.numbers.values():
        column = block.column(index)
        if column.is_string or column.datetime or column.categories is not None:
            raise UnsupportedError(
                f"column {model.names[index]!r}",
                expected="numbers or booleans, as in the training data",
                got="datetimes" if column.datetime else "text" if column.is_string else "a categorical column",
            )

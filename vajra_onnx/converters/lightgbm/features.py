"""The float64 matrix that LightGBM makes of its input, missing values as NaN."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from spox import Var

from ...errors import UnsupportedError
from ...graph.block import Block, Part
from ...graph.values import cast, concat
from ..boosters import refuse_text
from ..sklearn.categories import look_up
from .model import Model

# The names that LightGBM gives to the features of an array.
UNNAMED = re.compile(r"Column_\d+")
FLOATS = (np.float32, np.float64)


def features(block: Block, model: Model) -> Var:
    """float64 [N, F], in fast mode, too.

    The columns of a frame become floats that hold them exactly; an array of anything but floats becomes float32 before.
    Source: `_data_from_pandas` and `_np2d_to_np1d` in lightgbm/basic.py. Absent entries of a sparse matrix are zeros.
    """
    _check_columns(block, model)
    if block.frame:
        return _frame(block, model)
    if block.sparse and block.dtype not in FLOATS:
        raise UnsupportedError("a sparse matrix", expected="float32 or float64, as LightGBM takes it", got=str(block.dtype))
    x = block.matrix() if block.dtype in FLOATS else block.matrix(np.float32)
    return cast(x, np.float64)


def _check_columns(block: Block, model: Model) -> None:
    """The number of features, which LightGBM checks, and of a frame their names in order, which it takes on trust; no text."""
    if block.width != model.n_features:
        raise UnsupportedError("columns", expected=f"{model.n_features} features", got=str(block.width))
    if block.frame and block.names is not None and not all(UNNAMED.fullmatch(name) for name in model.names):
        written = tuple(name.replace(" ", "_") for name in block.names)
        if written != model.names:
            raise UnsupportedError("columns", expected=", ".join(model.names), got=", ".join(block.names))
    refuse_text(block)


def _frame(block: Block, model: Model) -> Var:
    """Categorical columns as codes, the others as they are."""
    found = [part for part in block.parts if part.categories is not None]
    if model.categories is not None and len(found) != len(model.categories):
        raise UnsupportedError(
            "categorical columns", expected=f"{len(model.categories)}, as in the training data", got=str(len(found))
        )
    training = iter(model.categories or ())
    columns = [p.var if p.categories is None else _codes(p, next(training, None)) for p in block.parts]
    return concat([cast(column, np.float64) for column in columns])


def _codes(column: Part, training: tuple[Any, ...] | None) -> Var:
    """The place of each value among the categories of the training frame; NaN for a missing or unknown one."""
    if training is None:
        raise UnsupportedError(
            f"column {(column.names or ('?',))[0]!r}",
            expected="numbers: the model was not trained on categorical columns, and keeps no categories",
            got="a categorical column",
            hint="make it codes in a step of its own, as for training",
        )
    return look_up(column, np.array(training, object), np.array([*range(len(training)), np.nan]))

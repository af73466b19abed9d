"""The float32 matrix that XGBoost makes of its input, missing values as NaN."""

from __future__ import annotations

from itertools import groupby

import numpy as np
from spox import Var

from ...errors import UnsupportedError
from ...graph import ops
from ...graph.block import Block, Part
from ...graph.values import cast, concat, constant, constant_like
from ..boosters import refuse_text
from .categories import codes
from .model import Model


def features(block: Block, model: Model, missing: float = np.nan) -> Var:
    """float32 [N, F]. missing: the number that also stands for a missing value.

    The columns of a frame are rounded to float32 one by one; an array has been promoted to one dtype before that. Absent
    entries of a sparse matrix are missing: in the graph they are its zeros.
    """
    _check_columns(block, model)
    missing = float(np.float32(missing))
    x = _frame(block, model, missing) if block.frame else _array(block)
    nan = constant(np.nan, np.float32)
    if not np.isnan(missing):
        x = ops.where(ops.equal(x, constant(missing, np.float32)), nan, x)
    return _whole_codes(x, model.categorical & ~_recoded(block))


def _check_columns(block: Block, model: Model) -> None:
    """What XGBoost itself checks: the number of features and, of a frame, their names in order; and no text."""
    if block.width != model.n_features:
        raise UnsupportedError("columns", expected=f"{model.n_features} features", got=str(block.width))
    if block.frame and model.names is not None and block.names != model.names:
        raise UnsupportedError("columns", expected=", ".join(model.names), got=", ".join(block.names or ("no names",)))
    refuse_text(block)


def _recoded(block: Block) -> np.ndarray:
    """bool [F]: the categorical columns of a frame, which become codes here."""
    return np.array([block.frame and p.categories is not None for p in block.parts for _ in range(p.width)], bool)


def _array(block: Block) -> Var:
    """An array or a sparse matrix. Zero is looked for before rounding: a small float64 is present, though it rounds to zero."""
    x = block.matrix()
    values = cast(x, np.float32)
    if not block.sparse:
        return values
    if block.stored_zeros:
        raise UnsupportedError(
            "a sparse matrix that may hold zeros (hashed features that cancel out, distances of 0, values imputed as 0), "
            "which XGBoost tells from absent entries",
            hint="make it dense, or fit with HashingVectorizer(alternate_sign=False)",
        )
    entries = x if block.dtype == np.float64 else values
    absent = ops.equal(entries, constant_like(entries, 0))
    return ops.where(absent, constant(np.nan, np.float32), values)


def _frame(block: Block, model: Model, missing: float) -> Var:
    """A frame: categorical columns as codes, runs of other columns of one dtype together."""
    if any(model.categories):
        _check_categorical(block, model)
    matrices, start = [], 0
    for categorical, run in groupby((p.dense() for p in block.parts), key=lambda p: None if p.categories is None else id(p)):
        parts = list(run)
        if categorical is None:
            matrices += [cast(concat([p.var for p in same]), np.float32) for same in _by_dtype(parts)]
        else:
            _check_missing(parts[0], missing)
            matrices.append(codes(parts[0], model.categories[start]))
        start += sum(p.width for p in parts)
    return concat(matrices)


def _by_dtype(parts: list[Part]) -> list[list[Part]]:
    return [list(run) for _, run in groupby(parts, key=lambda p: p.dtype)]


def _check_categorical(block: Block, model: Model) -> None:
    """XGBoost refuses a frame in which other columns are categorical than in the training frame."""
    for column, training in zip(block.columns(), model.categories, strict=True):
        if (column.categories is None) != (training is None):
            raise UnsupportedError(
                f"column {(column.names or ('?',))[0]!r}",
                expected="a categorical column, as in the training data" if training else "numbers, as in the training data",
                got="numbers" if training else "a categorical column",
            )


def _check_missing(part: Part, missing: float) -> None:
    """A number `missing` that is also a code makes one category of the frame missing, another one in every frame."""
    if missing >= 0 and missing == int(missing):
        raise UnsupportedError(
            "missing", expected="NaN or a negative number beside categorical columns", got=f"{missing:g}, which is also a code"
        )


def _whole_codes(x: Var, raw: np.ndarray) -> Var:
    """Numbers in place of codes: XGBoost truncates them, and negative ones belong to no category. raw: bool [F]."""
    if not raw.any():
        return x
    whole = ops.floor(x)
    return whole if raw.all() else ops.where(constant(raw[None, :]), whole, x)

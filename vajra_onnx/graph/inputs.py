"""The graph's inputs: one variable per column of the schema, and the block that the first step sees."""

from __future__ import annotations

from collections.abc import Container

import numpy as np
import spox
from spox import Tensor, Var

from .. import dtypes
from ..schema import Column
from .block import Block, Part


def variable(column: Column) -> Var:
    """The input variable of one column, of any rank; its sizes that are not fixed are unknown, the first is N."""
    element = dtypes.dtype(column.dtype).numpy
    return spox.argument(Tensor(np.dtype(np.str_) if element.kind == "O" else element, ("N", *column.shape[1:])))


def block_of(
    columns: tuple[Column, ...], *, frame: bool, sparse: bool = False, masked: Container[str] = ()
) -> tuple[dict[str, Var], Block]:
    """The input variables by name, and the block of them. The original is given a DataFrame, a sparse matrix, or an array.

    masked: the columns of pandas' own dtypes.
    """
    variables, parts = {}, []
    for column in columns:
        width = column.shape[1]
        assert width is not None, "the number of features is fixed"
        var = variables[column.name] = variable(column)
        names = (column.name,) if frame else None
        parts.append(Part(var, width, names, column.categories, column.dtype == "datetime64", masked=column.name in masked))
    return variables, Block(tuple(parts), sparse=sparse, frame=frame)

"""Named tensors of any rank, [N, ...] each: what networks take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .. import dtypes
from ..errors import InputError
from ..schema import Column
from .encode import encode
from .read import frame_columns, is_frame
from .series import to_numpy


def read_tensors(columns: Sequence[Column], data: Any) -> dict[str, Any]:
    """The values of each input by name, as they came.

    data: a dict by name, a DataFrame, a list of arrays in the order of the inputs, a list of dict rows, one dict row of texts and
    numbers, or for a single input its array. Raises InputError for other names, or another number of arrays.
    """
    names = [column.name for column in columns]
    if is_frame(data):
        data = frame_columns(data)
    if isinstance(data, list | tuple) and data and isinstance(data[0], Mapping):
        data = {name: [_of_row(row, name) for row in data] for name in data[0]}
    if isinstance(data, Mapping):
        if data.keys() != set(names):
            raise InputError("inputs differ", expected=f"the inputs {names}", got=f"{list(data)}", where="$.inputs")
        return {name: _column_of(data[name]) for name in names}
    if len(names) == 1 and not (isinstance(data, list | tuple) and len(data) == 1 and np.ndim(data[0]) == len(columns[0].shape)):
        return {names[0]: data}
    if isinstance(data, list | tuple) and len(data) == len(names):
        return dict(zip(names, data, strict=True))
    raise InputError(expected=f"a dict or a list with the {len(names)} inputs {names}", got=type(data).__name__, where="$")


def encoded_tensors(columns: Sequence[Column], data: Any) -> dict[str, np.ndarray]:
    """The arrays that the graph is fed; every check of the schema is done. Raises InputError for what does not fit."""
    feeds = {c.name: encode(c, values) for c, values in zip(columns, read_tensors(columns, data).values(), strict=True)}
    _refuse_unequal(feeds)
    return feeds


def tensors_of_sample(columns: Sequence[Column], sample: Any) -> dict[str, np.ndarray]:
    """The sample's arrays in the types that the model itself declares: Keras rounds a float64 to its input's float32, too."""
    declared = {}
    for column, values in zip(columns, read_tensors(columns, sample).values(), strict=True):
        array = to_numpy(values)
        wanted = dtypes.dtype(column.dtype).numpy
        if wanted.kind != "O" and array.dtype.kind in "iufb" and np.can_cast(array.dtype, wanted, "same_kind"):
            array = array.astype(wanted)
        declared[column.name] = array
    loose = [Column(c.name, c.dtype, c.shape, nullable=True) for c in columns]
    return encoded_tensors(loose, declared)


def _refuse_unequal(feeds: Mapping[str, np.ndarray]) -> None:
    rows = {name: len(array) for name, array in feeds.items()}
    if len(set(rows.values())) > 1:
        raise InputError("unequal numbers of rows", got=", ".join(f"{n!r}: {k}" for n, k in rows.items()), where="$.inputs")


def _column_of(values: Any) -> Any:
    if isinstance(values, str | bytes) or np.ndim(values) == 0:
        return [values]
    # Numbers of Python have no width: as objects they take the column's.
    return np.array(values, dtype=object) if isinstance(values, list | tuple) else values


def _of_row(row: Mapping[str, Any], name: str) -> Any:
    if name not in row:
        raise InputError("rows differ", expected=f"{name!r} in every row", got=f"{list(row)}", where="$")
    return row[name]

"""Data to the arrays that the graph is fed, quickly: what a schema decides is decided once, when the model is loaded."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ..errors import InputError
from ..frames import read
from ..frames.dict_rows import absent_values, filled
from ..frames.encode import encoder
from ..frames.tensors import encoded_tensors
from ..frames.unnamed import unnamed_texts
from ..schema import Schema
from .rows import row_encoder

Feeds = dict[str, np.ndarray]


class Feeder:
    """The compiled form of `frames.read` and `frames.encode` for one schema; stateless, so that threads may share it."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._names = [column.name for column in schema.inputs]
        self._encoders = {column.name: encoder(column) for column in schema.inputs}
        self._row = row_encoder(schema.inputs)
        self._absent = absent_values(schema.inputs)

    def __call__(self, data: Any) -> Feeds:
        """The fed arrays by input name, every check of the schema done; they may share memory with `data`.

        data: see `Session.run`. Raises InputError for what does not fit.
        """
        if type(data) is dict:
            feeds = self._row(data)
            if feeds is not None:
                return feeds
        arrays = self._pandas_arrays(data)
        if arrays is not None:
            return {name: encode(array) for (name, encode), array in zip(self._encoders.items(), arrays, strict=True)}
        if isinstance(data, list | tuple) and not data:
            return self.empty()
        return self._any(data)

    def empty(self) -> Feeds:
        """Zero rows."""
        return {
            name: encode(_nothing(c.shape)) for (name, encode), c in zip(self._encoders.items(), self._schema.inputs, strict=True)
        }

    def _pandas_arrays(self, data: Any) -> Any:
        """The columns' own arrays of a pandas DataFrame that has exactly the schema's columns, in order; otherwise None.

        pandas makes a Series for each column that it is asked for, at 9 us each; the arrays behind them cost 0.7 us.
        """
        pandas = sys.modules.get("pandas")
        if pandas is None or not isinstance(data, pandas.DataFrame) or data.columns.tolist() != self._names:
            return None
        quick = getattr(data, "_iter_column_arrays", None)
        return quick() if quick is not None else (series for _, series in data.items())

    def _any(self, data: Any) -> Feeds:
        if self._schema.is_tensors:
            return encoded_tensors(self._schema.inputs, data)
        raw = read(filled(data, self._absent) if self._absent else data)
        if isinstance(raw, np.ndarray):
            if self._schema.is_matrix:
                return {name: encode(raw) for name, encode in self._encoders.items()}
            if raw.shape[1] != len(self._names):
                raise InputError(expected=f"{len(self._names)} columns", got=f"{raw.shape[1]}", where="$")
            return {name: encode(raw[:, i]) for i, (name, encode) in enumerate(self._encoders.items())}
        if unnamed_texts(data) is not None and len(self._names) == 1:
            (texts,) = raw.values()
            return {name: encode(texts) for name, encode in self._encoders.items()}
        if raw.keys() != self._encoders.keys():
            raise self._other_columns(list(raw))
        return {name: encode(raw[name]) for name, encode in self._encoders.items()}

    def _other_columns(self, names: list[str]) -> InputError:
        if self._schema.is_matrix:
            width, name = self._schema.inputs[0].shape[1], self._names[0]
            hint = f"data[[...]].to_numpy() of a DataFrame with the {width} columns, in the order of the training data"
            return InputError(expected=f"an array {name} of shape [N, {width}]", got=f"columns named {_short(names)}", hint=hint)
        missing = [name for name in self._names if name not in names]
        extra = [name for name in names if name not in self._encoders]
        got = [f"missing {_short(missing)}"] * bool(missing) + [f"unexpected {_short(extra)}"] * bool(extra)
        return InputError("columns differ", expected=f"the columns {_short(self._names)}", got=", ".join(got), where="$.columns")


def _nothing(shape: tuple[int | None, ...]) -> np.ndarray:
    return np.empty((0, *(size or 0 for size in shape[1:])), dtype=object)


def _short(names: list[str], most: int = 20) -> str:
    shown = ", ".join(repr(name) for name in names[:most])
    return f"[{shown}, and {len(names) - most} more]" if len(names) > most else f"[{shown}]"

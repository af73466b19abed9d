"""Categories: from the values of a column to what an encoder has learnt for each of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from spox import Var

from ...errors import UnsupportedError
from ...frames.missing import encode_text, is_missing
from ...graph import ops
from ...graph.block import Part
from ...graph.refuse import gather_or_refuse
from ...graph.target import current
from ...graph.values import cast, constant, text_array

# The largest integer up to which float64 tells every two neighbours apart.
EXACT_INTEGERS = 2**53


def look_up(column: Part, categories: np.ndarray, table: np.ndarray, refusal: str | None = None) -> Var:
    """The row of `table` that belongs to each value; a value outside the categories gets the last row, or is refused.

    column: one column [N, 1]. categories: [K], compared by value, missing ones by kind (None, NaN). table: [K, ...] with a
    `refusal` (the message), else [K + 1, ...]. Returns [N, 1, ...].
    """
    x, keys = keys_of(column, np.asarray(categories))
    direct = table.ndim == 1 and table.dtype in (np.int64, np.float64) and current().ml_opset >= 4
    if refusal is None and direct:
        return label_encoder(x, keys, table[:-1], table[-1])
    index = label_encoder(x, keys, np.arange(len(keys)), np.int64(len(keys)))
    return gather_or_refuse(table, index, refusal) if refusal else ops.gather(constant(table), index, axis=0)


def classify(x: Var, keys: list[str], values: list[int], default: int) -> Var:
    """The int64 of each string of the graph, sentinels included: `values[i]` for `keys[i]`, else `default`."""
    return label_encoder(x, text_array(keys), np.array(values, np.int64), np.int64(default))


def label_encoder(x: Var, keys: np.ndarray, values: np.ndarray, default: np.generic) -> Var:
    """ai.onnx.ml LabelEncoder. ONNX Runtime has kernels for string, int64 and float64 to int64 and to float64."""
    if current().ml_opset >= 4:
        return ops.label_encoder(x, keys_tensor=keys, values_tensor=values, default_tensor=np.array([default], values.dtype))
    if keys.dtype.kind == "f":
        raise UnsupportedError("categories that are floats need ai.onnx.ml 4", hint="convert for ai.onnx 20 or newer")
    text = {"keys_strings": keys.tolist()} if keys.dtype.kind == "U" else {"keys_int64s": keys.tolist()}
    return ops.label_encoder(x, values_int64s=values.tolist(), default_int64=int(default), **text)


def keys_of(column: Part, categories: np.ndarray) -> tuple[Var, np.ndarray]:
    """The column and the categories in one type in which the LabelEncoder compares: string, int64 or float64."""
    if column.is_string:
        return column.var, _text(categories)
    if column.datetime:
        return column.var, _datetimes(categories)
    known = _numbers(categories, column.joined)
    common = np.result_type(column.dtype, known.dtype)
    if common.kind == "f":
        if known.dtype.kind in "iu" and known.size and max(abs(int(k)) for k in known) > EXACT_INTEGERS:
            raise UnsupportedError("categories", expected="integers up to 2**53 in a column of floats", got="larger ones")
        return cast(column.var, np.float64), known.astype(np.float64)
    return cast(column.var, np.int64), known.astype(common).astype(np.int64)


def _text(categories: np.ndarray) -> np.ndarray:
    keys = [encode_text(c) for c in categories.tolist()]
    if any(key is None for key in keys):
        raise _mismatch(categories, "text")
    return text_array(keys)


def _datetimes(categories: np.ndarray) -> np.ndarray:
    if categories.dtype.kind != "M":
        raise _mismatch(categories, "datetimes")
    if np.isnat(categories).any():
        raise UnsupportedError("NaT as a category", hint="scikit-learn cannot look it up either; fit without it")
    return categories.astype("datetime64[ns]").astype(np.int64)


def _numbers(categories: np.ndarray, joined: bool) -> np.ndarray:
    """Categories as numbers. As objects they come from a column of objects, where None and NaN differ; in ours they do not.

    joined: the objects were made of columns of numbers, booleans and text side by side, where a missing number is NaN.
    """
    if categories.dtype.kind in "iufb":
        return categories
    values = categories.tolist()
    if categories.dtype == object and any(is_missing(v) and not (joined and isinstance(v, float)) for v in values):
        raise UnsupportedError(
            "a missing category in a column of numbers that holds Python objects",
            hint="fit on a numeric column: df[name] = df[name].astype(float)",
        )
    known = np.array(values)
    if categories.dtype != object or known.dtype.kind not in "iufb":
        raise _mismatch(categories, "numbers")
    return known


def _mismatch(categories: np.ndarray, column: str) -> UnsupportedError:
    kinds: set[Any] = {type(c).__name__ for c in categories.tolist() if not is_missing(c)}
    return UnsupportedError(
        f"a column of {column} looked up in other categories",
        got=", ".join(sorted(kinds)),
        hint="give a sample with the types that the encoder was fitted on",
    )

"""Which values scikit-learn takes for missing: the mask that imputers and indicators start from."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils._missing import is_pandas_na, is_scalar_nan
from spox import Var

from ...errors import UnsupportedError
from ...frames.missing import NA, NAN, NONE, encode_text
from ...graph import ops
from ...graph.refuse import gather_or_refuse
from ...graph.values import cast, constant, dtype_of, is_string
from .categories import classify


def missing_mask(x: Var, missing_values: Any, allowed: set[str], owner: str) -> Var | None:
    """Where `x` equals `missing_values`, as bool of the same shape; None where it cannot.

    x: [N, F] of strings or of numbers. allowed: the sentinels of missing strings that the original takes; others are
    refused, in the name of the estimator `owner`. Source: sklearn.utils._mask._get_dense_mask.
    """
    if is_string(x):
        return _text_mask(x, missing_values, allowed, owner)
    if is_pandas_na(missing_values) or is_scalar_nan(missing_values):
        return ops.isnan(x) if dtype_of(x).kind == "f" else None
    if missing_values is None:
        raise UnsupportedError("missing_values=None in a column of numbers", hint="let NaN stand for missing there")
    return None if isinstance(missing_values, str) else _equals(x, missing_values)


def _text_mask(x: Var, missing_values: Any, allowed: set[str], owner: str) -> Var:
    """One look-up gives 1 for missing, 0 for the rest, 2 (outside of the table) for what the original refuses."""
    missing, refused, message = missing_texts(missing_values, allowed, owner)
    index = classify(x, [*missing, *refused], [1] * len(missing) + [2] * len(refused), 0)
    return gather_or_refuse(np.array([False, True]), index, message) if refused else cast(index, np.bool_)


def missing_texts(missing_values: Any, allowed: set[str], owner: str) -> tuple[list[str], list[str], str]:
    """The strings of the graph that count as missing, those that are refused, and the message for these."""
    if is_pandas_na(missing_values):
        missing = {NAN, NONE, NA}
    else:
        text = encode_text(missing_values)
        missing = set() if text is None else {text}
    refused = {NAN, NONE, NA} - allowed
    message = f"a kind of missing value that {owner}(missing_values={missing_values!r}) refuses"
    return sorted(missing - refused), sorted(refused), message


def _equals(x: Var, value: Any) -> Var | None:
    """`x == value` in numpy's promoted dtype: 0.1 is rounded to float32 beside float32, and equals no integer."""
    dtype = dtype_of(x)
    if isinstance(value, int) and dtype.kind in "iu" and not np.iinfo(dtype).min <= value <= np.iinfo(dtype).max:
        return None
    common = np.result_type(dtype, value)
    return ops.equal(cast(x, common), constant(value, common))

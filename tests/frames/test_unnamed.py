"""Texts without a table around them: a list, Series or one-dimensional array is one column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from vajra_onnx.errors import InputError
from vajra_onnx.frames import infer, read, rebuild

TEXTS = ["one", "zwei", "", "trois"]
FORMS = {
    "list": TEXTS,
    "tuple": tuple(TEXTS),
    "objects": np.array(TEXTS, dtype=object),
    "strings": np.array(TEXTS),
    "series": pd.Series(TEXTS, dtype=object),
    "string dtype": pd.Series(TEXTS, dtype="string", index=[3, 1, 2, 0]),
    "polars": pl.Series("", TEXTS),
}


@pytest.mark.parametrize("form", FORMS)
def test_one_column(form: str) -> None:
    (column,) = infer(FORMS[form])
    assert (column.name, column.dtype, column.nullable) == ("text", "string", False)
    assert list(read(FORMS[form])["text"]) == TEXTS


def test_a_series_names_it() -> None:
    assert [c.name for c in infer(pd.Series(TEXTS, name="review"))] == ["review"]
    assert [c.name for c in infer(pl.Series("review", TEXTS))] == ["review"]


@pytest.mark.parametrize("form", FORMS)
def test_comes_back_as_it_was(form: str) -> None:
    sample, new = FORMS[form], np.array(["b", "a"], dtype=object)
    again = rebuild(sample, {"text": new})
    assert type(again) is type(sample)
    assert list(again) == ["b", "a"]
    if hasattr(sample, "dtype"):
        assert again.dtype == sample.dtype or isinstance(sample, np.ndarray)


def test_an_array_of_strings_has_no_missing_ones() -> None:
    with pytest.raises(ValueError, match="no missing"):
        rebuild(FORMS["strings"], {"text": np.array(["a", None], dtype=object)})


@pytest.mark.parametrize("data", ["text", [b"a"], [None], pd.Series([1.0, 2.0]), np.array([1, 2]), np.array([b"a"])])
def test_other_things_are_refused(data: Any) -> None:
    with pytest.raises(InputError):
        read(data)

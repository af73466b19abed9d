"""Constants: text that numpy would cut is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsRegressor
from sklearn.preprocessing import OneHotEncoder

import vajra_onnx as vo
from vajra_onnx.graph import model
from vajra_onnx.graph.values import text_array


def test_a_category_that_ends_in_nul_is_refused_and_never_taken_for_another() -> None:
    fitted = OneHotEncoder(handle_unknown="ignore").fit(pd.DataFrame({"c": pd.Series(["a\0", "b"], dtype=object)}))
    with pytest.raises(vo.UnsupportedError, match="ends in a NUL"):
        vo.convert(fitted, pd.DataFrame({"c": pd.Series(["b", "b"], dtype=object)}))


def test_other_text_keeps_its_nuls() -> None:
    assert text_array(["a\0b", ""]).tolist() == ["a\0b", ""]
    assert text_array(np.array([["x"]], object)).shape == (1, 1)


def test_more_weights_than_a_file_can_hold_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "MOST_BYTES", 4000)
    data = np.random.default_rng(0).normal(size=(600, 3))
    with pytest.raises(vo.UnsupportedError, match="too large for an ONNX file"):
        vo.convert(KNeighborsRegressor().fit(data, data[:, 0]), data)

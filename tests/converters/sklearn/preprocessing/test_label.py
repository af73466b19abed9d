"""LabelEncoder and LabelBinarizer against scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from compare import assert_equal, converted
from palmerpenguins import load_penguins
from sklearn.preprocessing import LabelBinarizer, LabelEncoder

from vajra_onnx.errors import InputError, UnsupportedError

PENGUINS = load_penguins()


def assert_labels(model: Any, labels: Any) -> None:
    """The transform of one column of labels, all together and one by one."""
    frame = pd.DataFrame({"y": labels})
    session, _ = converted(model, frame)
    assert_equal(session.run(frame)["transform"], np.asarray(model.transform(labels)), "transform")
    for i in range(3):
        assert_equal(session.run(frame[i : i + 1])["transform"], np.asarray(model.transform(labels[i : i + 1])), f"row {i}")


@pytest.mark.parametrize(
    "labels",
    [
        PENGUINS["species"],
        PENGUINS["year"],
        PENGUINS["year"].astype(np.int32),
        PENGUINS["year"].astype(float),
        PENGUINS["year"] > 2007,
        PENGUINS["island"].replace({"Dream": "é", "Biscoe": "nan"}),
    ],
    ids=["text", "int64", "int32", "float64", "bool", "unicode"],
)
def test_labels(labels: pd.Series) -> None:
    assert_labels(LabelEncoder().fit(labels), labels)
    assert_labels(LabelBinarizer().fit(labels), labels)
    two = labels[labels != labels.iloc[-1]] if labels.nunique() > 2 else labels
    assert_labels(LabelBinarizer().fit(two), two)


@pytest.mark.parametrize(
    "options", [{"neg_label": -1}, {"neg_label": -5, "pos_label": 3}, {"neg_label": -2, "pos_label": 0}], ids=str
)
def test_binarizer_values(options: dict[str, int]) -> None:
    for labels in (PENGUINS["species"], PENGUINS["species"][:200], PENGUINS["species"][:50]):
        assert_labels(LabelBinarizer(**options).fit(labels), labels)


def test_sparse_binarizer() -> None:
    model = LabelBinarizer(sparse_output=True).fit(PENGUINS["species"])
    frame = PENGUINS[["species"]]
    session, _ = converted(model, frame)
    assert_equal(session.run(frame)["transform"], model.transform(frame["species"]).toarray(), "transform")


def test_unknown_labels() -> None:
    frame = PENGUINS[["species"]]
    session, _ = converted(LabelEncoder().fit(frame["species"]), frame)
    with pytest.raises(InputError, match="unknown label"):
        session.run({"species": "Emperor"})
    three = LabelBinarizer().fit(frame["species"])
    session, _ = converted(three, frame)
    unknown = ["Emperor", "Adelie", "Gentoo"]
    assert_equal(session.run({"species": unknown})["transform"], three.transform(unknown), "transform")
    session, _ = converted(LabelBinarizer().fit(["Adelie", "Gentoo"]), frame)
    with pytest.raises(InputError, match="unknown label"):
        session.run({"species": "Emperor"})


def test_refusals() -> None:
    model = LabelEncoder().fit([1, 2, 3])
    with pytest.raises(UnsupportedError, match="cut off"):
        converted(model, np.array([[1.5], [2.0]]))
    with pytest.raises(UnsupportedError, match="one column"):
        converted(model, np.array([[1, 2], [2, 3]]))
    with pytest.raises(UnsupportedError, match="multilabel"):
        converted(LabelBinarizer().fit(np.array([[0, 1, 1], [1, 0, 0]])), np.array([[0], [1]]))

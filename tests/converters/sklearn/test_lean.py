"""Lean graphs: what a step can do without is left out, and every bit stays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from compare import assert_same, converted
from samples import classification, regression
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeClassifier

import vajra_onnx as vo
from vajra_onnx.errors import InputError
from vajra_onnx.export import build_model
from vajra_onnx.graph.folding import largest_at_most

RANDOM = np.random.default_rng(0)
ROWS = 300
NUMBERS, TEXTS = ["float", "narrow", "int", "wide"], ["word", "sex"]
TREES = [
    DecisionTreeClassifier(max_depth=6, random_state=0),
    RandomForestClassifier(8, max_depth=6, random_state=0),
    GradientBoostingClassifier(n_estimators=6, random_state=0),
    ExtraTreesRegressor(8, max_depth=6, random_state=0),
    HistGradientBoostingClassifier(max_iter=6),
    HistGradientBoostingRegressor(max_iter=6),
]


def frame() -> pd.DataFrame:
    """Numbers of every width and text, with missing values in two columns of each."""
    columns: dict[str, Any] = {
        "float": RANDOM.normal(size=ROWS),
        "narrow": RANDOM.normal(size=ROWS).astype(np.float32),
        "int": RANDOM.integers(2000, 2020, ROWS),
        "wide": RANDOM.normal(1e6, 1e-3, ROWS),
        "word": RANDOM.choice(["a", "b", "ç", "NaN"], ROWS).astype(object),
        "sex": RANDOM.choice(["f", "m"], ROWS).astype(object),
    }
    for name, missing in (("float", np.nan), ("narrow", np.nan), ("word", np.nan), ("sex", np.nan)):
        columns[name][RANDOM.random(ROWS) < 0.1] = missing
    return pd.DataFrame(columns)


FRAME = frame()
TARGET = (FRAME["float"].fillna(0) + (FRAME["word"] == "a") + (FRAME["int"] > 2010) + RANDOM.normal(size=ROWS) > 1).astype(int)


def behind_columns(model: Any, unknown: str = "ignore", sparse: bool = False) -> Any:
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), NUMBERS),
        (
            make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown=unknown, sparse_output=sparse)),
            TEXTS,
        ),
    )
    return make_pipeline(prepare, clone(model)).fit(FRAME, TARGET)


def operators(model: Any, data: Any, mode: str = "exact") -> list[str]:
    return [node.op_type for node in build_model(model, data, mode=mode)[0].graph.node]


def around_thresholds(pipeline: Any) -> pd.DataFrame:
    """The largest number of each numeric column that the first tree's scaled thresholds let pass, and its neighbour."""
    (_, scaler), data = [step for _, step in pipeline[0].transformers_[0][1].steps], FRAME.dropna().copy()
    tree = pipeline[-1] if hasattr(pipeline[-1], "tree_") else np.ravel(pipeline[-1].estimators_)[0]
    for k, name in enumerate(NUMBERS):
        if name in ("int", "narrow"):
            continue
        cuts = tree.tree_.threshold[tree.tree_.feature == k]

        def scaled(x: np.ndarray, k: int = k) -> np.ndarray:
            return np.asarray((x - scaler.mean_[k]) / scaler.scale_[k]).astype(np.float32).astype(np.float64)

        with np.errstate(over="ignore"):
            edges = largest_at_most(scaled, cuts)
        values = np.concatenate([edges, np.nextafter(edges, np.inf), np.nextafter(edges, -np.inf)])
        if len(values):
            data[name] = np.resize(values, len(data))
    return data


@pytest.mark.parametrize("mode", ["exact", "fast"])
@pytest.mark.parametrize("model", TREES, ids=lambda m: type(m).__name__)
def test_trees_compare_what_was_not_scaled(model: Any, mode: str) -> None:
    pipeline = behind_columns(model)
    found = operators(pipeline, FRAME, mode)
    assert not {"Sub", "Where", "IsNaN"} & set(found)
    assert found.count("GatherND") == (type(model) is DecisionTreeClassifier)  # of its leaf, none of a text
    assert found.count("LabelEncoder") == len(TEXTS)


@pytest.mark.parametrize("unknown", ["ignore", "error"])
@pytest.mark.parametrize("model", TREES, ids=lambda m: type(m).__name__)
def test_every_bit_stays(model: Any, unknown: str) -> None:
    pipeline = behind_columns(model, unknown)
    exact = ["predict", "decision_function"] if hasattr(pipeline, "decision_function") else None
    assert_same(pipeline, FRAME, outputs=exact)
    if not isinstance(model, HistGradientBoostingClassifier | HistGradientBoostingRegressor):
        assert_same(pipeline, FRAME, around_thresholds(pipeline), outputs=exact)


@pytest.mark.parametrize("model", [*TREES[:3], LogisticRegression(), Ridge()], ids=lambda m: type(m).__name__)
def test_unknown_categories_are_refused_as_before(model: Any) -> None:
    session, _ = converted(behind_columns(model, "error"), FRAME)
    for name in TEXTS:
        with pytest.raises(InputError, match="unknown category in column"):
            session.run(FRAME.assign(**{name: "never seen"}))
        with pytest.raises(InputError, match="a kind of missing value that SimpleImputer"):
            session.run(FRAME.assign(**{name: pd.Series([pd.NA, *FRAME[name][1:]], dtype=object)}))


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("model", [LogisticRegression(max_iter=500), Ridge()], ids=lambda m: type(m).__name__)
def test_coefficients_are_looked_up(model: Any, sparse: bool) -> None:
    pipeline = behind_columns(model, sparse=sparse)
    assert_same(pipeline, FRAME, rtol=1e-12, atol=1e-13)
    found = operators(pipeline, FRAME)
    assert found.count("Gemm") == 1
    assert found.count("LabelEncoder") == found.count("GatherND") == len(TEXTS)


def test_one_hot_columns_alone() -> None:
    model = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(), Ridge()).fit(FRAME[TEXTS], TARGET)
    assert_same(model, FRAME[TEXTS], rtol=1e-12, atol=1e-13)


def test_a_text_that_was_imputed_twice() -> None:
    twice = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="?"), SimpleImputer(missing_values="?", strategy="most_frequent")
    )
    assert_same(make_pipeline(twice, OneHotEncoder()).fit(FRAME[TEXTS]), FRAME[TEXTS])


@pytest.mark.parametrize("model", TREES[:4], ids=lambda m: type(m).__name__)
def test_fast_mode_keeps_the_leaves_behind_columns(model: Any) -> None:
    """The columns are compared as they come, so that even those which float32 cannot hold keep their leaves."""
    pipeline = behind_columns(model)
    session, _ = converted(pipeline, FRAME, ["predict"], mode="fast")
    answers, expected = session.run(FRAME)["predict"], pipeline.predict(FRAME)
    if expected.dtype.kind == "f":
        np.testing.assert_allclose(answers, expected, rtol=1e-6)
    else:
        np.testing.assert_array_equal(answers, expected)


LINEAR = [
    make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)),
    make_pipeline(MinMaxScaler(), SGDClassifier("log_loss", random_state=0)),
    make_pipeline(StandardScaler(), PCA(3, random_state=0), LogisticRegression(max_iter=500)),
    make_pipeline(StandardScaler(with_mean=False), MLPClassifier((5,), max_iter=2000, random_state=0)),
]


@pytest.mark.parametrize("model", LINEAR, ids=lambda m: "+".join(name for name, _ in m.steps))
def test_scalers_and_projections_in_the_weights(model: Any) -> None:
    """Fast graphs multiply the columns as they come; exact ones keep the difference, which may cancel, and their digits."""
    x, y = classification("float64", "binary-string")
    model = clone(model).fit(x, y)
    assert not {"Sub", "Div", "Mul", "MatMul"} & set(operators(model, x, "fast")[:3])
    assert operators(model, x, "fast").count("Gemm") == 1 + (model.steps[-1][0] == "mlpclassifier")
    assert "Div" not in operators(model, x)[:3]
    assert_same(model, x, outputs=["predict", "predict_proba"], rtol=1e-12, atol=1e-13)
    assert_same(model, x + 1e6, outputs=["predict", "predict_proba"], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("model", LINEAR[:3], ids=lambda m: "+".join(name for name, _ in m.steps))
def test_a_fast_certificate_names_its_mode(model: Any) -> None:
    x, y = classification("float64", "binary-string")
    model = clone(model).fit(x, y)
    fast, exact = (vo.convert(model, x, mode=mode).certificate for mode in ("fast", "exact"))
    assert (fast.mode, exact.mode) == ("fast", "exact")
    assert fast.passed
    assert exact.passed
    assert all(output.flips == 0 for output in (*fast.outputs, *exact.outputs))


def test_an_expanded_kernel_far_away() -> None:
    x, y = regression("float64")
    model = SVR().fit(x, y)
    far = np.vstack([x * power for power in (1.0, 1e3, 1e100, 1e200, 1e307)])
    far = np.vstack([far, np.full((1, x.shape[1]), 1.7e308)])
    with np.errstate(all="ignore"):  # scikit-learn adds all numbers up to look for infinities
        assert_same(model, x, far, rtol=1e-12, atol=1e-12)

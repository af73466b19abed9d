"""Chains without a network: scikit-learn's parts before its own estimators and before native boosters."""

from __future__ import annotations

import pickle
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from chains import assert_proved, delays, penguins
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import vajra_onnx as vo
from vajra_onnx.export.validate import first_divergence


@pytest.fixture(scope="module")
def forest() -> tuple[vo.Chain, pd.DataFrame]:
    data, species, prepare = penguins()
    model = RandomForestClassifier(5, max_depth=4, random_state=0).fit(prepare.transform(data), species)
    return vo.chain(("prep", prepare), ("model", model)), data


def test_a_chain_acts_as_one_model(forest: tuple[vo.Chain, pd.DataFrame]) -> None:
    chain, data = forest
    prepared = chain["prep"].transform(data)
    assert (chain.predict(data) == chain["model"].predict(prepared)).all()
    assert (chain.predict_proba(data) == chain[1].predict_proba(prepared)).all()
    assert (chain[:1].transform(data) == prepared).all()
    assert chain.named_steps == {"prep": chain[0], "model": chain[1]}
    assert len(chain) == 2
    assert list(chain.classes_) == [0, 1, 2]
    assert list(chain.feature_names_in_) == list(data.columns)
    assert not hasattr(chain, "decision_function")
    assert repr(chain) == (
        "chain(('prep', sklearn.compose.ColumnTransformer), ('model', sklearn.ensemble.RandomForestClassifier))"
    )


def test_a_chain_equals_the_pipeline_of_its_parts(forest: tuple[vo.Chain, pd.DataFrame]) -> None:
    chain, data = forest
    artifact = vo.convert(chain, data)
    assert artifact.certificate.passed
    assert [output.bit_identical for output in artifact.certificate.outputs] == [artifact.certificate.rows] * 2
    pipeline = vo.convert(make_pipeline(*chain.named_steps.values()), data)
    assert [node.op_type for node in artifact.model.graph.node] == [node.op_type for node in pipeline.model.graph.node]


def test_a_chain_survives_pickling(forest: tuple[vo.Chain, pd.DataFrame]) -> None:
    chain, data = forest
    again = pickle.loads(pickle.dumps(chain))
    assert (again.predict(data) == chain.predict(data)).all()


def test_the_diverging_step_is_named(forest: tuple[vo.Chain, pd.DataFrame], monkeypatch: pytest.MonkeyPatch) -> None:
    chain, data = forest
    scaler = chain["prep"].named_transformers_["pipeline-1"][-1]
    changed = scaler.mean_.copy()
    monkeypatch.setattr(type(scaler), "transform", lambda self, X: (X - changed - 0.5) / self.scale_)
    assert "first divergence: steps['prep']" in first_divergence(chain, data)


def test_a_booster_of_xgboost_reads_a_sparse_matrix_as_in_its_own_training() -> None:
    data, delay, prepare = delays()
    matrix = xgboost.DMatrix(prepare.transform(data), label=delay)
    booster = xgboost.train({"max_depth": 3, "nthread": 1}, matrix, num_boost_round=8)
    artifact = vo.convert(vo.chain(("prep", prepare), ("boost", booster)), data)
    assert artifact.certificate.passed
    assert [column.name for column in artifact.schema.outputs] == ["predict", "margin"]


def test_a_booster_of_lightgbm() -> None:
    data, species, prepare = penguins()
    train = lightgbm.Dataset(prepare.transform(data), species)
    booster = lightgbm.train({"objective": "multiclass", "num_class": 3, "verbose": -1, "num_threads": 1}, train, 5)
    artifact = vo.convert(vo.chain(("prep", prepare), ("boost", booster)), data)
    assert artifact.certificate.passed


def test_a_data_frame_goes_from_part_to_part() -> None:
    data, species, _ = penguins()
    numbers = data[["bill_length_mm", "body_mass_g", "year"]]
    impute = SimpleImputer().set_output(transform="pandas").fit(numbers)
    filled = impute.transform(numbers)
    scale = make_column_transformer((StandardScaler(), ["year", "body_mass_g"]), remainder="passthrough").fit(filled)
    model = DecisionTreeClassifier(max_depth=4, random_state=0).fit(scale.transform(filled), species)
    chain = vo.chain(("impute", impute), ("rest", vo.chain(("scale", scale), ("model", model))))
    assert vo.convert(chain, numbers).certificate.passed
    assert_proved(vo.chain(("impute", impute), ("scale", scale)), numbers, "transform")


def test_what_cannot_be_a_chain_is_refused() -> None:
    scaler = StandardScaler().fit(np.eye(3))
    model = LogisticRegression().fit(np.eye(3), [0, 1, 2])
    cases: list[tuple[tuple[Any, ...], str]] = [
        ((), "without parts"),
        ((scaler,), "a part of a chain"),
        ((("a", scaler), ("a", scaler)), "names of a chain's parts"),
        ((("a", model), ("b", scaler)), "LogisticRegression before the end of a chain"),
    ]
    for steps, message in cases:
        with pytest.raises(vo.UnsupportedError, match=message):
            vo.chain(*steps)

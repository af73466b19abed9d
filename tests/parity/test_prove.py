"""The proof finds planted errors, and what it keeps is right."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.decomposition import NMF
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from vajra_onnx.errors import InputError, ParityError
from vajra_onnx.export import build_model
from vajra_onnx.frames import infer
from vajra_onnx.parity.cases import KINDS, Budget
from vajra_onnx.parity.certificate import Certificate
from vajra_onnx.parity.original import Original
from vajra_onnx.parity.probe import probe
from vajra_onnx.parity.proof import Proof
from vajra_onnx.parity.prove import prove
from vajra_onnx.runtime.session import Session

Prove = Callable[..., Proof]
X, Y = load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def logistic() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(X, Y)


class Faulty:
    """A session whose answers are changed on their way out."""

    def __init__(self, model: Any, sample: Any, change: Callable[[dict[str, Any], dict[str, Any]], None]) -> None:
        self.graph, schema, self.methods = build_model(model, sample)
        self.columns = probe(Original(model, sample, self.methods), schema.inputs)
        self.session, self.change = Session(self.graph.SerializeToString()), change

    def run_feeds(self, feeds: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        outputs = {k: v.copy() for k, v in self.session.run_feeds(feeds).items()}
        self.change(feeds, outputs)
        return outputs

    def prove(self, model: Any, sample: Any) -> Proof:
        return prove(model, sample, self, self.methods, self.columns, graph=self.graph, budget=Budget(rows=600))


def test_a_right_graph_is_proved(logistic: Any, proof_of: Prove) -> None:
    proof = proof_of(logistic, X, digest="ab", notes=("bridged: x",))
    certificate = proof.certificate
    assert certificate.passed
    assert certificate.summary().startswith("proved: ")
    assert certificate.rows == sum(certificate.rows_by_kind.values()) == len(proof.kinds)
    assert set(certificate.rows_by_kind) == {"sample", "ulp", "midpoint", "extreme", "boundary"}
    assert (certificate.digest, certificate.notes, certificate.mode) == ("ab", ("bridged: x",), "exact")
    assert certificate.singles >= 4 * 5
    assert {"python", "sklearn", "numpy", "onnx", "onnxruntime", "vajra_onnx"} <= set(certificate.versions)
    assert Certificate.from_json(certificate.to_json()) == certificate
    assert proof.failure() == ""
    proof.raise_if_failed()


def test_the_same_seed_gives_the_same_proof(logistic: Any, proof_of: Prove) -> None:
    first, second = (proof_of(logistic, X, seed=3).certificate for _ in range(2))
    assert first.outputs == second.outputs
    assert proof_of(logistic, X, seed=4).certificate.outputs != first.outputs


@pytest.mark.parametrize("factor", [1.0, 1.01])
def test_a_row_alone_is_compared_with_what_the_original_answers_to_it_alone(factor: float) -> None:
    """NMF stops when the whole batch has settled: a row alone gets another answer, from the original as well."""
    x = X[:40]
    model = NMF(2, init="random", random_state=0, tol=1e-2).fit(x)

    def change(feeds: dict[str, Any], outputs: dict[str, Any]) -> None:
        if len(outputs["transform"]) == 1:
            outputs["transform"] *= factor

    assert not np.allclose(model.transform(x)[:1], model.transform(x[:1]), rtol=1e-9)
    assert Faulty(model, x, change).prove(model, x).certificate.passed == (factor == 1.0)


def test_the_graph_of_another_model_fails(logistic: Any, proof_of: Prove) -> None:
    other = make_pipeline(StandardScaler(), LogisticRegression(C=0.9, max_iter=1000)).fit(X, Y)
    proof = proof_of(logistic, X, planted=other)
    assert not proof.certificate.passed
    with pytest.raises(
        ParityError, match=r"^the graph does not equal the original: predict.* expected .*, got .* row X\[\d\]="
    ) as raised:
        proof.raise_if_failed()
    assert raised.value.certificate is proof.certificate  # type: ignore[attr-defined]
    assert "\n" not in str(raised.value)


def test_coefficients_wrong_in_the_tenth_digit_fail(logistic: Any, proof_of: Prove) -> None:
    other = copy.deepcopy(logistic)
    other[-1].coef_ = other[-1].coef_ * (1 + 1e-10)
    assert not proof_of(logistic, X, planted=other).certificate.passed


@pytest.mark.parametrize("direction", [-np.inf, np.inf])
def test_a_threshold_shifted_by_one_float32_ulp_in_a_tree_is_found(direction: float, proof_of: Prove) -> None:
    """scikit-learn compares float32 copies of the numbers, so that is the smallest shift that changes an answer."""
    model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, Y)
    for node in np.flatnonzero(model.tree_.children_left >= 0):
        other = copy.deepcopy(model)
        exact = np.float32(other.tree_.threshold[node])
        below = exact if exact <= other.tree_.threshold[node] else np.nextafter(exact, np.float32(-np.inf))
        other.tree_.threshold[node] = np.nextafter(below, np.float32(direction))
        certificate = proof_of(model, X, planted=other).certificate
        assert not certificate.passed
        assert certificate.rows_by_kind["boundary"] > 0
        assert sum(o.ties for o in certificate.outputs) == 0
        assert all(o.by_kind["sample"].passed for o in certificate.outputs)
    assert proof_of(model, X).certificate.passed


def test_a_threshold_shifted_by_one_float64_ulp_in_a_histogram_tree_is_found(proof_of: Prove) -> None:
    model = HistGradientBoostingClassifier(max_iter=2, max_leaf_nodes=4, random_state=0).fit(X, Y)
    other = copy.deepcopy(model)
    nodes = other._predictors[0][0].nodes
    nodes["num_threshold"][0] = np.nextafter(nodes["num_threshold"][0], np.inf)
    assert proof_of(model, X).certificate.passed
    assert not proof_of(model, X, planted=other).certificate.passed


def test_swapped_probabilities_fail(logistic: Any) -> None:
    def swap(feeds: dict[str, Any], outputs: dict[str, Any]) -> None:
        outputs["predict_proba"] = outputs["predict_proba"][:, [1, 0, 2]]

    certificate = Faulty(logistic, X, swap).prove(logistic, X).certificate
    labels, numbers = certificate.outputs
    assert labels.flips == 0
    assert numbers.outside > 0.9 * numbers.rows


def test_an_error_at_batch_1_alone_fails(logistic: Any) -> None:
    def single(feeds: dict[str, Any], outputs: dict[str, Any]) -> None:
        if len(feeds["X"]) == 1:
            outputs["predict_proba"] += 1e-9

    certificate = Faulty(logistic, X, single).prove(logistic, X).certificate
    assert certificate.outputs[1].outside == certificate.singles


def test_one_wrong_row_of_many_fails(logistic: Any) -> None:
    def once(feeds: dict[str, Any], outputs: dict[str, Any]) -> None:
        outputs["predict"][(feeds["X"] == X[77]).all(axis=1)] = 0

    proof = Faulty(logistic, X, once).prove(logistic, X)
    assert proof.certificate.outputs[0].by_kind["sample"].flips == 1
    assert proof.worst["predict"][0].verdict == "wrong"
    assert list(proof.worst["predict"][0].inputs.values()) == X[77].tolist()


def test_a_row_that_only_the_graph_refuses_fails(logistic: Any) -> None:
    def refuse(feeds: dict[str, Any], outputs: dict[str, Any]) -> None:
        if (feeds["X"] > 1e100).any():
            raise InputError("too large")

    proof = Faulty(logistic, X, refuse).prove(logistic, X)
    assert not proof.certificate.passed
    assert proof.certificate.unanswered.keys() == {"extreme"}
    with pytest.raises(ParityError, match="the graph refuses a row that the original answers: too large"):
        proof.raise_if_failed()


def test_another_dtype_fails_with_the_reason(logistic: Any) -> None:
    def narrow(feeds: dict[str, Any], outputs: dict[str, Any]) -> None:
        outputs["predict_proba"] = outputs["predict_proba"].astype(np.float32)

    proof = Faulty(logistic, X, narrow).prove(logistic, X)
    with pytest.raises(ParityError, match="predict_proba: dtype float32, expected float64"):
        proof.raise_if_failed()
    assert "predict_proba: dtype float32, expected float64" in proof.certificate.notes


def test_rows_that_the_original_refuses_are_dropped_and_counted(proof_of: Prove) -> None:
    frame = pd.DataFrame({"a": pd.Series(["x", "y", "z"] * 50, dtype=object), "b": pd.Series(["u", "v"] * 75, dtype=object)})
    model = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(frame, Y)
    certificate = proof_of(model, frame).certificate
    assert certificate.passed
    assert certificate.refused["category"] >= 10
    assert certificate.answered == {}
    assert certificate.rows_by_kind["category"] >= 5


def test_a_forest_is_bit_identical_everywhere(proof_of: Prove) -> None:
    data, target = load_diabetes(return_X_y=True)
    model = RandomForestRegressor(8, max_depth=5, random_state=0).fit(data, target)
    (output,) = proof_of(model, data).certificate.outputs
    assert output.bit_identical == output.rows
    assert output.by_kind["boundary"].rows > 50
    assert output.max_abs == output.max_ulp == 0


def test_fast_mode_has_its_own_tolerance(logistic: Any, proof_of: Prove) -> None:
    certificate = proof_of(logistic, X, mode="fast").certificate
    assert certificate.passed
    assert 0 < certificate.outputs[1].max_rel < 1e-5


def test_outputs_keep_their_names_and_methods(logistic: Any, proof_of: Prove) -> None:
    certificate = proof_of(logistic, X, outputs={"predict": "label"}).certificate
    label = certificate.outputs[0]
    assert (label.name, label.method, label.dtype) == ("label", "predict", "int64")


def test_golden_vectors_are_of_every_kind_and_right(penguins: pd.DataFrame, fitted: Any, proof_of: Prove) -> None:
    model, features = fitted
    proof = proof_of(model, features)
    golden = proof.golden
    assert {len(v) for v in golden.inputs.values()} == {len(v) for v in golden.outputs.values()} == {32}
    graph, _, _ = build_model(model, features)
    session = Session(graph.SerializeToString())
    again = session.run_feeds(dict(golden.inputs))
    np.testing.assert_array_equal(again["predict"], golden.outputs["predict"])
    np.testing.assert_allclose(again["predict_proba"], golden.outputs["predict_proba"], rtol=1e-12)
    assert set(proof.certificate.rows_by_kind) <= set(KINDS)
    assert {"category", "missing", "integer", "boundary"} <= set(proof.certificate.rows_by_kind)


def test_a_sample_that_is_refused_is_an_error(logistic: Any) -> None:
    graph, _, methods = build_model(logistic, X)
    with pytest.raises(ParityError, match="the original refuses every row of the sample"):
        prove(logistic, X[:, :2], Session(graph.SerializeToString()), methods, infer(X[:, :2]))


def test_a_regression_is_proved_without_labels(proof_of: Prove) -> None:
    data, target = load_diabetes(return_X_y=True)
    certificate = proof_of(LinearRegression().fit(data, target), data).certificate
    assert certificate.passed
    assert "label" not in certificate.summary()
    assert certificate.outputs[0].max_rel < 1e-14

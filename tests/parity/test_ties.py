"""Ties are what the original is undecided about, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from vajra_onnx.export import build_model
from vajra_onnx.frames import infer
from vajra_onnx.parity.compare import tolerance
from vajra_onnx.parity.moves import Moves
from vajra_onnx.parity.original import Original
from vajra_onnx.parity.proof import Proof
from vajra_onnx.parity.rounding import Rounding, rounding
from vajra_onnx.parity.rows import Rows
from vajra_onnx.parity.ties import label_ties

X, Y = load_breast_cancer(return_X_y=True)
X = X[:, :6]


def graph_of(model: Any, sample: Any) -> onnx.ModelProto:
    return build_model(model, sample)[0]


def test_plain_comparisons_round_nothing() -> None:
    found = rounding(graph_of(make_pipeline(StandardScaler(), DecisionTreeClassifier(max_depth=3)).fit(X, Y), X))
    assert found.inputs == frozenset()
    assert not found.before_jump


@pytest.mark.parametrize("steps", [(PCA(3), DecisionTreeClassifier(max_depth=3)), (StandardScaler(), LogisticRegression())])
def test_sums_before_a_comparison_round(steps: tuple[Any, ...]) -> None:
    found = rounding(graph_of(make_pipeline(*steps).fit(X, Y), X))
    assert found.inputs == {"X"}
    assert found.before_jump


def test_only_the_columns_that_are_summed_may_move() -> None:
    frame = pd.DataFrame(X, columns=list("abcdef"))
    prepare = make_column_transformer((PCA(2), ["a", "b", "c"]), (StandardScaler(), ["d", "e", "f"]))
    model = make_pipeline(prepare, DecisionTreeClassifier(max_depth=6, random_state=0)).fit(frame, Y)
    assert rounding(graph_of(model, frame)).inputs == {"a", "b", "c"}


def test_labels_tie_by_the_originals_own_scores() -> None:
    class Three:
        classes_ = np.array(["a", "b", "c"])

        def predict_proba(self, X: Any) -> np.ndarray:
            return np.array([[0.4, 0.4 + 1e-14, 0.2], [0.4, 0.4 + 1e-9, 0.2], [0.4, 0.4 + 1e-14, 0.2]])[: len(X)]

    sample = np.zeros((3, 2))
    rows = Rows.of(sample, infer(sample))
    original = Original(Three(), sample, {"predict": "predict"})
    expected = np.array(["b", "b", "b"], object)
    got = np.array(["a", "a", "c"], object)
    assert label_ties(original, rows, rows, got, expected, "exact").tolist() == [True, False, False]


def test_the_scale_of_the_scores_is_that_of_the_sample() -> None:
    class Line:
        classes_ = np.array([0, 1])

        def decision_function(self, X: Any) -> np.ndarray:
            return np.asarray(X[:, 0])

    sample = np.array([[1e-20, 0], [50.0, 0], [1e-9, 0]])
    rows = Rows.of(sample, infer(sample))
    original = Original(Line(), sample, {"predict": "predict"})
    flipped = rows.take(np.array([0, 2]))
    assert label_ties(original, rows, flipped, np.array([0, 0]), np.array([1, 1]), "exact").tolist() == [True, False]


def nudged(model: Pipeline, size: float) -> Pipeline:
    """The same pipeline with a PCA that is wrong by this, relatively."""
    other = copy.deepcopy(model)
    other[0].components_ = other[0].components_ * (1 + size)
    return other


@pytest.mark.parametrize("tree", [DecisionTreeClassifier, DecisionTreeRegressor])
def test_a_tree_behind_a_pca_ties_within_rounding_and_fails_beyond(tree: Any, proof_of: Callable[..., Proof]) -> None:
    model = make_pipeline(PCA(3), tree(max_depth=5, random_state=0)).fit(
        X, Y.astype(float) if tree is DecisionTreeRegressor else Y
    )
    close = proof_of(model, X, planted=nudged(model, 2.0**-52)).certificate
    assert close.passed
    assert max(o.ties for o in close.outputs) > 0
    far = proof_of(model, X, planted=nudged(model, 1e-11)).certificate
    assert not far.passed


def test_integers_that_are_summed_may_move_too() -> None:
    class Sum:
        def predict(self, X: Any) -> np.ndarray:
            return np.asarray(X["whole"] * 0.1 + X["part"] * 1e-12 > 3 * 0.1 + 1e-12)

    frame = pd.DataFrame({"whole": [3, 4, 1], "part": [1.0, 2.0, 1.5]})
    rows = Rows.of(frame, infer(frame))
    original = Original(Sum(), frame, {"predict": "predict"})
    limits = {"predict": tolerance(np.array([True]), "predict", "exact", labels=True)}
    got = {"predict": np.array([True, False, True])}

    def ties(*movable: str) -> list[bool]:
        rounded = Rounding(frozenset(movable), True)
        tied = Moves(original, rounded, np.random.default_rng(0), "exact").backward_ties(rows, got, limits)
        return [bool(t) for t in tied]

    assert ties("whole", "part") == [True, False, False]
    assert ties("part") == [False, False, False]


def test_a_number_that_is_not_summed_gets_no_ties(proof_of: Callable[..., Proof]) -> None:
    """The very error that is a tie behind a PCA is a flip behind a scaler: division has one right answer."""
    model = make_pipeline(StandardScaler(), DecisionTreeClassifier(max_depth=5, random_state=0)).fit(X, Y)
    other = copy.deepcopy(model)
    other[0].scale_ = other[0].scale_ * (1 + 2.0**-52)
    certificate = proof_of(model, X, planted=other).certificate
    assert not certificate.passed
    assert max(o.ties for o in certificate.outputs) == 0


def test_without_the_graph_nothing_is_excused_by_moving(proof_of: Callable[..., Proof]) -> None:
    from vajra_onnx.parity.probe import probe
    from vajra_onnx.parity.prove import prove
    from vajra_onnx.runtime.session import Session

    model = make_pipeline(PCA(3), DecisionTreeRegressor(max_depth=5, random_state=0)).fit(X, Y)
    graph, schema, methods = build_model(nudged(model, 2.0**-52), X)
    columns = probe(Original(model, X, methods), schema.inputs)
    proof = prove(model, X, Session(graph.SerializeToString()), methods, columns)
    assert not proof.certificate.passed

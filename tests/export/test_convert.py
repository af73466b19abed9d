"""convert: outputs, modes, opsets, names, refusals, failed proofs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
from sklearn.cluster import DBSCAN, KMeans
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import vajra_onnx as vo
from vajra_onnx.parity.certificate import METADATA_KEY, Certificate

X, Y = load_iris(return_X_y=True)


def iris(*steps: Any) -> Any:
    """A pipeline fitted on the iris."""
    return make_pipeline(*steps).fit(X, Y)


@pytest.fixture(scope="module")
def classifier() -> Any:
    return iris(StandardScaler(), LogisticRegression(max_iter=1000))


@pytest.mark.parametrize(
    ("outputs", "names"),
    [
        (None, ["predict", "predict_proba"]),
        (["decision_function"], ["decision_function"]),
        ({"predict": "label"}, ["label", "predict_proba"]),
        ({"decision_function": "score"}, ["predict", "predict_proba", "score"]),
    ],
)
def test_outputs_are_chosen_and_renamed(classifier: Any, outputs: Any, names: list[str]) -> None:
    artifact = vo.convert(classifier, X, outputs)
    assert [c.name for c in artifact.schema.outputs] == names
    assert list(vo.load(artifact).run(X)) == names


def test_defaults_follow_the_kind_of_model() -> None:
    assert [c.name for c in vo.convert(StandardScaler().fit(X), X).schema.outputs] == ["transform"]
    assert [c.name for c in vo.convert(LinearRegression().fit(X, Y), X).schema.outputs] == ["predict"]
    assert [c.name for c in vo.convert(KMeans(3, n_init=1, random_state=0).fit(X), X).schema.outputs] == ["predict"]


def test_an_unknown_output_is_refused_by_name(classifier: Any) -> None:
    with pytest.raises(vo.UnsupportedError, match=r"unknown output: expected .*predict_proba.*, got 'probabilities'"):
        vo.convert(classifier, X, ["probabilities"])


def test_an_unknown_type_is_refused_with_its_place() -> None:
    model = iris(StandardScaler(), DBSCAN())
    with pytest.raises(vo.UnsupportedError, match=r"no converter for sklearn.cluster.DBSCAN - at steps\['dbscan'\]"):
        vo.convert(model, X)


def test_a_subclass_is_not_converted_as_its_parent() -> None:
    class Doubled(StandardScaler):
        def transform(self, X: Any, copy: Any = None) -> Any:
            return super().transform(X) * 2

    with pytest.raises(vo.UnsupportedError, match=r"no converter for .*Doubled"):
        vo.convert(Doubled().fit(X), X)


def test_own_converters_are_registered_from_outside() -> None:
    from vajra_onnx.graph import ops
    from vajra_onnx.graph.block import Block
    from vajra_onnx.graph.values import constant_like

    class Clipper(StandardScaler):
        def transform(self, X: Any, copy: Any = None) -> Any:
            return np.minimum(X, 3.0)

    @vo.converts(Clipper)
    def clipper(model: Clipper, block: Block) -> Block:
        x = block.floats()
        return Block.matrix_of(ops.min([x, constant_like(x, 3.0)]), block.width)

    assert vo.convert(Clipper().fit(X), X).certificate.passed


def test_column_names_stay_verbatim() -> None:
    names = ["sepal length (cm)", "v0", "Add_0.ü", " "]
    frame = pd.DataFrame(X, columns=names)
    artifact = vo.convert(StandardScaler().fit(frame), frame)
    assert [c.name for c in artifact.schema.inputs] == names
    assert [i.name for i in artifact.model.graph.input] == names
    onnx.checker.check_model(artifact.model, full_check=True)


def test_an_output_may_not_be_named_like_an_input() -> None:
    frame = pd.DataFrame(X, columns=["a", "b", "c", "predict"])
    model = LogisticRegression(max_iter=1000).fit(frame, Y)
    with pytest.raises(vo.SchemaError, match="'predict' is the name of an input and of an output"):
        vo.convert(model, frame)
    assert vo.convert(model, frame, {"predict": "label"}).certificate.passed


@pytest.mark.parametrize("opset", [17, 18, 19, 20, 21, 22])
def test_older_and_newer_opsets(classifier: Any, opset: int) -> None:
    model = vo.convert(classifier, X, target_opset=opset).model
    assert {o.domain: o.version for o in model.opset_import}[""] == opset
    onnx.checker.check_model(model, full_check=True)


def test_an_opset_out_of_range_is_refused(classifier: Any) -> None:
    with pytest.raises(vo.UnsupportedError, match="target opset: expected 17 to 27, got 12"):
        vo.convert(classifier, X, target_opset=12)


def test_fast_mode_is_float32_and_says_so(classifier: Any) -> None:
    artifact = vo.convert(classifier, X, mode="fast")
    assert artifact.certificate.mode == "fast"
    assert artifact.schema.outputs[1].dtype == "float32"


def test_the_certificate_travels_inside_and_names_the_graph(classifier: Any) -> None:
    from vajra_onnx.runtime.digest import model_digest

    artifact = vo.convert(classifier, X)
    session = vo.load(artifact)
    certificate = Certificate.from_json(session.metadata[METADATA_KEY])
    assert certificate == artifact.certificate
    assert certificate.digest == model_digest(artifact.model.SerializeToString())


def test_a_failed_proof_writes_nothing_unless_forced(classifier: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vajra_onnx.converters import registry

    def wrong(model: Any, block: Any) -> Any:
        outputs = dict(original(model, block))
        outputs["predict_proba"] = original(replace_coefficients(model), block)["predict_proba"]
        return outputs

    def replace_coefficients(model: Any) -> Any:
        import copy

        other = copy.deepcopy(model)
        other.coef_ = model.coef_ * (1 + 1e-9)
        return other

    original = registry._converters[LogisticRegression]
    monkeypatch.setitem(registry._converters, LogisticRegression, wrong)
    with pytest.raises(vo.ParityError, match="predict_proba") as raised:
        vo.convert(classifier, X)
    assert not raised.value.certificate.passed
    forced = vo.convert(classifier, X, force=True)
    assert not forced.certificate.passed
    assert any("force" in note for note in forced.certificate.notes)


def test_nullable_and_finite_are_found_by_asking_the_model() -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    frame = pd.DataFrame(X, columns=list("abcd"))
    strict = vo.convert(LogisticRegression(max_iter=1000).fit(frame, Y), frame)
    assert all(not c.nullable and c.finite for c in strict.schema.inputs)
    lenient = vo.convert(HistGradientBoostingClassifier(max_iter=5).fit(frame, Y), frame)
    assert all(c.nullable for c in lenient.schema.inputs)
    row = dict.fromkeys("abcd", float("nan"))
    with pytest.raises(vo.InputError, match=r"missing value .* at \$.columns\['a'\]"):
        vo.load(strict).run(row)
    assert vo.load(lenient).run(row)["predict"].shape == (1,)
    with pytest.raises(vo.InputError, match="infinity"):
        vo.load(strict).run(dict.fromkeys("abcd", float("inf")))


def test_the_model_carries_example_rows(artifact: Any) -> None:
    from vajra_onnx.bench.rows import example

    session = vo.load(artifact)
    rows = example(session.metadata)
    assert len(session.run(rows)["predict"]) == len(rows) > 0


def test_a_schema_knows_its_version(artifact: Any) -> None:
    with pytest.raises(vo.SchemaError, match="unknown schema version"):
        replace(artifact.schema, version=99)

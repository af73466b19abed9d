"""bisect names the step that diverges."""

from __future__ import annotations

import copy
from typing import Any

import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from vajra_onnx.export import build_model
from vajra_onnx.parity.bisect import bisect

X, Y = load_iris(return_X_y=True)
FRAME = pd.DataFrame(X, columns=list("abcd"))


def pipeline() -> Pipeline:
    inner = Pipeline([("first", StandardScaler()), ("second", MinMaxScaler())])
    columns = ColumnTransformer([("left", inner, ["a", "b"]), ("right", StandardScaler(), ["c", "d"])])
    union = FeatureUnion([("one", StandardScaler()), ("two", MinMaxScaler())])
    steps = [("columns", columns), ("skipped", "passthrough"), ("union", union), ("model", LogisticRegression(max_iter=1000))]
    return Pipeline(steps).fit(FRAME, Y)


def parts(model: Any) -> list[Any]:
    """Every fitted scaler and model, in order; the same places in a copy of the model."""
    if isinstance(model, Pipeline):
        return [p for _, step in model.steps for p in parts(step)]
    if isinstance(model, ColumnTransformer):
        return [p for _, part, _ in model.transformers_ for p in parts(part)]
    if isinstance(model, FeatureUnion):
        return [p for _, part in model.transformer_list for p in parts(part)]
    return [] if isinstance(model, str) else [model]


@pytest.mark.parametrize(
    ("place", "attribute", "path"),
    [
        (0, "mean_", "steps['columns'].transformers['left'].steps['first']"),
        (1, "min_", "steps['columns'].transformers['left'].steps['second']"),
        (2, "mean_", "steps['columns'].transformers['right']"),
        (4, "min_", "steps['union'].transformer_list['two']"),
        (5, "coef_", "steps['model']"),
    ],
)
def test_the_planted_step_is_named(place: int, attribute: str, path: str) -> None:
    model = pipeline()
    wrong = parts(model)[place]

    def build(part: Any, sample: Any) -> Any:
        other = copy.deepcopy(part)
        for original, planted in zip(parts(part), parts(other), strict=True):
            if original is wrong:
                setattr(planted, attribute, getattr(planted, attribute) * (1 + 1e-8) + 1e-8)
        return build_model(other, sample)

    walk = bisect(model, FRAME, build)
    assert walk.first is not None
    assert walk.first.path == path
    assert walk.first.failure
    assert f"first divergence: {path}: " in str(walk)


def test_a_right_pipeline_diverges_nowhere() -> None:
    walk = bisect(pipeline(), FRAME, build_model)
    assert walk.first is None
    assert [s.path for s in walk.steps] == ["steps['columns']", "steps['union']", "steps['model']"]
    assert str(walk).endswith("no step diverges")
    assert "bit-identical" in walk.steps[0].line()


def test_a_model_without_steps_is_its_own() -> None:
    walk = bisect(LogisticRegression(max_iter=1000).fit(X, Y), X, build_model)
    assert [s.path for s in walk.steps] == ["the model itself"]

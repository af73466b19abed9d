"""Every objective: the margin bit for bit, the link within 4 ulp of float32, labels without a flip."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xgboost
from compare import assert_equal, converted, original
from splits import at_splits, numbers, ulps

from vajra_onnx.converters.xgboost import objectives
from vajra_onnx.errors import UnsupportedError

SMALL = {"n_estimators": 10, "max_depth": 3, "n_jobs": 1}
REGRESSION = [
    "reg:squarederror",
    "reg:squaredlogerror",
    "reg:absoluteerror",
    "reg:pseudohubererror",
    "reg:logistic",
    "reg:gamma",
    "reg:tweedie",
    "count:poisson",
    "survival:cox",
]


def assert_exact(model: Any, data: np.ndarray, **options: Any) -> None:
    """Margins, labels and their dtypes equal; other outputs within 4 ulp. At batch N and batch 1."""
    session, methods = converted(model, data, **options)
    for batch in (data, data[:1]):
        answers = session.run(batch)
        for name, method in methods.items():
            expected = original(model, batch, method)
            if method == "margin" or expected.dtype != np.float32:
                assert_equal(answers[name], expected, name)
            else:
                assert ulps(answers[name], expected) <= 4, name


def target(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.05, 0.95, 300)


@pytest.mark.parametrize("objective", REGRESSION)
def test_regression(objective: str) -> None:
    model = xgboost.XGBRegressor(objective=objective, **SMALL).fit(numbers(), target())
    assert_exact(model, at_splits(model.get_booster(), numbers(2)))


@pytest.mark.parametrize("base_score", [0.001, 0.1, 0.3, 0.5, 0.77, 0.999])
@pytest.mark.parametrize("objective", ["reg:logistic", "count:poisson", "reg:squarederror"])
def test_base_score(objective: str, base_score: float) -> None:
    model = xgboost.XGBRegressor(objective=objective, base_score=base_score, **SMALL).fit(numbers(), target())
    assert_exact(model, numbers(2))


def test_quantiles() -> None:
    model = xgboost.XGBRegressor(objective="reg:quantileerror", quantile_alpha=[0.1, 0.5, 0.9], **SMALL)
    model.fit(numbers(), target())
    assert_exact(model, at_splits(model.get_booster(), numbers(2)))


@pytest.mark.parametrize("objective", ["reg:squarederror", "reg:logistic"])
@pytest.mark.parametrize("strategy", ["one_output_per_tree", "multi_output_tree"])
def test_several_targets(objective: str, strategy: str) -> None:
    model = xgboost.XGBRegressor(objective=objective, multi_strategy=strategy, **SMALL)
    model.fit(numbers(), np.column_stack([target(), target() ** 2, 1 - target()]))
    assert_exact(model, at_splits(model.get_booster(), numbers(2)))


@pytest.mark.parametrize("objective", ["binary:logistic", "binary:logitraw", "binary:hinge"])
def test_binary(objective: str) -> None:
    model = xgboost.XGBClassifier(objective=objective, **SMALL).fit(numbers(), target() > 0.6)
    assert_exact(model, at_splits(model.get_booster(), numbers(2)))


@pytest.mark.parametrize("options", [{}, {"base_score": 0.2}, {"num_parallel_tree": 2, "subsample": 0.5}])
@pytest.mark.parametrize("objective", ["multi:softmax", "multi:softprob"])
def test_multiclass(objective: str, options: dict[str, Any]) -> None:
    model = xgboost.XGBClassifier(objective=objective, **options, **SMALL).fit(numbers(), (target() * 3).astype(int))
    assert_exact(model, at_splits(model.get_booster(), numbers(2)))


@pytest.mark.parametrize("objective", ["multi:softmax", "multi:softprob"])
def test_softmax_of_two_classes(objective: str) -> None:
    model = xgboost.XGBClassifier(objective=objective, num_class=2, **SMALL).fit(numbers(), target() > 0.6)
    assert_exact(model, numbers(2))


@pytest.mark.parametrize("objective", ["rank:ndcg", "rank:map", "rank:pairwise"])
def test_ranking(objective: str) -> None:
    model = xgboost.XGBRanker(objective=objective, **SMALL)
    model.fit(numbers(), (target() > 0.6).astype(int), qid=np.repeat(np.arange(15), 20))
    assert_exact(model, at_splits(model.get_booster(), numbers(2)))


def test_accelerated_failure_time() -> None:
    data = xgboost.DMatrix(numbers(), nthread=1)
    data.set_float_info("label_lower_bound", target())
    data.set_float_info("label_upper_bound", target() + 0.5)
    model = xgboost.train({"objective": "survival:aft", "nthread": 1}, data, 8)
    assert_exact(model, at_splits(model, numbers(2), infinite=False))


@pytest.mark.parametrize("kind", [xgboost.XGBRegressor, xgboost.XGBClassifier])
def test_custom_objective_predicts_by_the_objective_that_xgboost_stores(kind: Any) -> None:
    def squares(labels: np.ndarray, predictions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return predictions - labels, np.ones_like(predictions)

    model = kind(objective=squares, **SMALL).fit(numbers(), target() > 0.6)
    assert_exact(model, numbers(2))


@pytest.mark.parametrize("kind", [xgboost.XGBRegressor, xgboost.XGBClassifier])
def test_unknown_objective_has_a_margin_only(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model = kind(**SMALL).fit(numbers(), target() > 0.6)
    monkeypatch.setattr(objectives, "LINKS", {})
    assert_exact(model, numbers(2), outputs=["margin"])
    with pytest.raises(UnsupportedError, match=r"expected margin \| apply, got 'predict'"):
        converted(model, numbers(2), ["predict"])


def test_labels_at_a_margin_of_zero() -> None:
    """exp(-margin) rounds to 1 for tiny margins, and 0.5 is not above 0.5."""
    x = np.linspace(-1, 1, 41, dtype=np.float32)[:, None] * np.ones((1, 4), np.float32)
    model = xgboost.XGBClassifier(
        booster="gblinear",
        n_estimators=1,
        n_jobs=1,
        learning_rate=1e-9,
        base_score=0.5,
        feature_selector="cyclic",
        updater="coord_descent",
    ).fit(x, x[:, 0] > 0)
    assert np.abs(model.predict(x, output_margin=True)).max() < 1e-6
    assert_exact(model, x)

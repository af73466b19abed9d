"""Every objective: the raw score bit for bit, the link within 4 ulp of float64, labels without a flip."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import pytest
from leafwise import DATA, assert_exact, at_thresholds, classes, fitted, numbers, proved, target
from lightgbm import LGBMClassifier, LGBMRanker, LGBMRegressor

import vajra_onnx as vo
from vajra_onnx.errors import UnsupportedError

REGRESSION = [
    "regression",
    "regression_l1",
    "huber",
    "fair",
    "poisson",
    "quantile",
    "mape",
    "gamma",
    "tweedie",
    "cross_entropy",
    "cross_entropy_lambda",
]


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("objective", REGRESSION)
def test_regression(objective: str, data: str) -> None:
    x = DATA[data]()
    assert_exact(fitted(LGBMRegressor, x, target(), objective=objective, categorical=data == "codes"), x)


@pytest.mark.parametrize("objective", REGRESSION)
def test_regression_on_thresholds(objective: str) -> None:
    model = fitted(LGBMRegressor, numbers(), target(), objective=objective)
    assert_exact(model, at_thresholds(model, numbers()))
    proved(model, numbers())


@pytest.mark.parametrize("objective", ["regression", "regression_l1", "huber", "quantile", "poisson"])
def test_square_root_of_the_labels(objective: str) -> None:
    model = fitted(LGBMRegressor, numbers(), target() - 0.5 * (objective != "poisson"), objective=objective, reg_sqrt=True)
    assert_exact(model, at_thresholds(model, numbers()))


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("objective", ["binary", "multiclass", "multiclassova"])
def test_classification(objective: str, data: str) -> None:
    x = DATA[data]()
    labels = np.array(["low", "mid", "high"])[classes(2 if objective == "binary" else 3)]
    model = fitted(LGBMClassifier, x, labels, objective=objective, categorical=data == "codes")
    assert_exact(model, x)
    if data != "frame":  # test_frames.py
        proved(model, x)


@pytest.mark.parametrize("objective", ["binary", "multiclass", "multiclassova"])
@pytest.mark.parametrize("options", [{"sigmoid": 2.0}, {"sigmoid": 0.7, "is_unbalance": True}, {"boosting_type": "dart"}])
def test_classification_on_thresholds(objective: str, options: dict[str, Any]) -> None:
    if objective == "multiclass":
        options = {key: value for key, value in options.items() if key != "is_unbalance"}
    model = fitted(LGBMClassifier, numbers(), classes(2 if objective == "binary" else 3), objective=objective, **options)
    assert_exact(model, at_thresholds(model, numbers()))


@pytest.mark.parametrize("objective", ["multiclass", "cross_entropy", "regression"])
def test_two_classes_by_other_objectives(objective: str) -> None:
    options = {"num_class": 2} if objective == "multiclass" else {}
    assert_exact(fitted(LGBMClassifier, numbers(), classes(2), objective=objective, **options), numbers())


@pytest.mark.parametrize("data", ["numbers", "frame"])
@pytest.mark.parametrize("objective", ["lambdarank", "rank_xendcg"])
def test_ranking(objective: str, data: str) -> None:
    model = LGBMRanker(objective=objective, n_estimators=6, n_jobs=1, verbose=-1, random_state=0)
    model.fit(DATA[data](), classes(), group=[20] * 15)
    assert_exact(model, DATA[data]())


def squares(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The gradient and the Hessian of half the squared error."""
    return scores - labels, np.ones_like(scores)


def test_custom_objective_predicts_raw_scores_as_lightgbm_does() -> None:
    model = fitted(LGBMRegressor, numbers(), target(), objective=squares)
    assert_exact(model, at_thresholds(model, numbers()))
    assert_exact(model.booster_, numbers())


@pytest.mark.filterwarnings("ignore:Cannot compute class probabilities")
def test_classifier_with_a_custom_objective_has_scores_only() -> None:
    model = fitted(LGBMClassifier, numbers(), classes(2), objective=squares)
    assert_exact(model, numbers(), outputs=["margin", "apply", "decision_function"])
    assert [output.name for output in vo.convert(model, numbers()).certificate.outputs] == ["margin"]
    with pytest.raises(UnsupportedError, match="got 'predict'"):
        proved(model, numbers(), ["predict"])


def test_sigmoid_of_a_booster_kept_after_training_has_more_digits_than_its_text() -> None:
    parameters = {"objective": "binary", "sigmoid": 1.23456789, "num_threads": 1, "verbose": -1}
    data = lightgbm.Dataset(numbers(), classes(2))
    kept = lightgbm.train(parameters, data, 5, keep_training_booster=True)
    assert_exact(kept, numbers())
    again = lightgbm.Booster(model_str=kept.model_to_string())
    assert not np.array_equal(again.predict(numbers()), kept.predict(numbers()))
    assert_exact(again, numbers())

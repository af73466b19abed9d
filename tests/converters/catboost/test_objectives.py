"""Every loss and every shape of trees: raw scores and leaves bit for bit, links within 4 ulp, labels without a flip."""

from __future__ import annotations

from itertools import cycle, product
from typing import Any

import numpy as np
import pytest
from catboost import CatBoost, CatBoostClassifier, CatBoostRanker, CatBoostRegressor
from compare import converted
from oblivious import DATA, assert_exact, at_borders, categories, classes, fitted, methods, numbers, proved, target

from vajra_onnx.errors import UnsupportedError

REGRESSION = [
    "RMSE",
    "MAE",
    "Quantile:alpha=0.3",
    "MultiQuantile:alpha=0.1,0.5,0.9",
    "RMSEWithUncertainty",
    "Poisson",
    "Tweedie:variance_power=1.5",
    "LogLinQuantile",
    "MAPE",
    "Lq:q=3",
    "Huber:delta=1",
    "Expectile:alpha=0.3",
    "LogCosh",
    "Cox",
]
TWO = np.stack([target(), -target()], axis=1)
POLICIES = ["SymmetricTree", "Depthwise", "Lossguide"]


@pytest.mark.parametrize(("loss", "policy"), [*zip(REGRESSION, cycle(POLICIES)), *product(["Poisson"], POLICIES)])
def test_regression(loss: str, policy: str) -> None:
    model = fitted(CatBoostRegressor, numbers(), target(), loss_function=loss, grow_policy=policy)
    assert_exact(model, at_borders(model, numbers()))
    proved(model, numbers())


@pytest.mark.parametrize("loss", ["MultiRMSE", "MultiRMSEWithMissingValues", "SurvivalAft:dist=Normal"])
def test_several_targets(loss: str) -> None:
    y = np.stack([target(), target() + 1], axis=1) if loss.startswith("Survival") else TWO
    model = fitted(CatBoostRegressor, numbers(), y, loss_function=loss)
    assert_exact(model, at_borders(model, numbers()))
    proved(model, numbers())


@pytest.mark.parametrize(("data", "policy"), [*zip(DATA, cycle(POLICIES)), *product(["numbers", "categories"], POLICIES)])
@pytest.mark.parametrize("loss", ["Logloss", "MultiClass"])
def test_classification(data: str, policy: str, loss: str) -> None:
    count = 2 if loss == "Logloss" else 3
    model = fitted(CatBoostClassifier, DATA[data](), classes(count), loss_function=loss, grow_policy=policy)
    assert_exact(model, DATA[data]())


@pytest.mark.parametrize("loss", ["Logloss", "CrossEntropy", "MultiClass", "MultiClassOneVsAll"])
@pytest.mark.parametrize("mode", ["Min", "Max"])
def test_classification_on_borders(loss: str, mode: str) -> None:
    labels = classes(3 if loss.startswith("Multi") else 2)
    model = fitted(CatBoostClassifier, numbers(), labels, loss_function=loss, nan_mode=mode)
    for dtype in (np.float64, np.float32):
        assert_exact(model, at_borders(model, numbers(dtype=dtype)))
    proved(model, numbers())


@pytest.mark.parametrize("loss", ["MultiLogloss", "MultiCrossEntropy"])
def test_several_labels(loss: str) -> None:
    labels = np.stack([classes(2), numbers()[:, 3] > 0, classes() == 1], axis=1).astype(int)
    model = fitted(CatBoostClassifier, numbers(), labels, loss_function=loss)
    assert_exact(model, at_borders(model, numbers()))
    proved(model, numbers())


@pytest.mark.parametrize(
    "names", [["no", "yes"], ["low", "mid", "high"], [0.5, 2.0], [0.5, 1.0, 7.25], [False, True], [-1, 1], [7, -3, 0]], ids=str
)
def test_labels_have_the_dtype_and_shape_of_catboosts(names: list[Any]) -> None:
    assert_exact(fitted(CatBoostClassifier, numbers(), np.array(names)[classes(len(names))]), numbers())


@pytest.mark.parametrize(
    "options", [{"class_names": [2, 1, 0, 7]}, {"classes_count": 5}, {"class_names": [2, 0, 1]}], ids=lambda o: next(iter(o))
)
def test_classes_that_the_training_data_lacked(options: dict[str, Any]) -> None:
    model = fitted(CatBoostClassifier, numbers(), classes(), loss_function="MultiClass", **options)
    assert_exact(model, numbers())


@pytest.mark.parametrize("threshold", [0.0, 0.25, 0.9, 1.0])
def test_threshold_of_the_probability(threshold: float) -> None:
    model = fitted(CatBoostClassifier, numbers(), classes(2))
    model.set_probability_threshold(threshold)
    assert_exact(model, at_borders(model, numbers()))


@pytest.mark.parametrize("loss", ["YetiRank", "QueryRMSE", "PairLogit", "QuerySoftMax", "StochasticRank:metric=NDCG"])
def test_ranking(loss: str) -> None:
    group = np.repeat(np.arange(20), 15)
    model = fitted(CatBoostRanker, numbers(), classes(), loss_function=loss, group_id=group)
    assert_exact(model, at_borders(model, numbers()))
    proved(model, numbers())


@pytest.mark.parametrize("loss", ["RMSE", "Logloss", "Poisson", "MultiClass"])
def test_the_plain_model_predicts_raw_scores(loss: str) -> None:
    labels = {"Logloss": classes(2), "MultiClass": classes()}.get(loss, target())
    model = fitted(CatBoost, numbers(), labels, loss_function=loss)
    assert_exact(model, at_borders(model, numbers()))
    proved(model, numbers())


class Squares:
    """Half the squared error."""

    def calc_ders_range(self, scores: Any, targets: Any, weights: Any) -> list[tuple[float, float]]:
        return [(y - x, -1.0) for x, y in zip(scores, targets, strict=True)]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_custom_loss() -> None:
    model = fitted(CatBoostRegressor, numbers(), target(), loss_function=Squares(), eval_metric="RMSE")
    assert_exact(model, at_borders(model, numbers()))


def test_scale_bias_and_shrinking() -> None:
    model = fitted(CatBoostRegressor, numbers(), target())
    model.set_scale_and_bias(1.3, 0.7)
    assert_exact(model, numbers())
    model.shrink(4)
    assert_exact(model, numbers())
    several = fitted(CatBoostRegressor, numbers(), TWO, loss_function="MultiRMSE", monotone_constraints=[1, 0, 0, -1])
    assert_exact(several, numbers())


def test_early_stopping() -> None:
    model = CatBoostRegressor(iterations=50, learning_rate=1.0, depth=4, thread_count=1, allow_writing_files=False, verbose=0)
    model.fit(numbers(), target(), eval_set=(numbers(1), target()), use_best_model=True, early_stopping_rounds=3)
    assert model.tree_count_ < 50
    assert_exact(model, numbers())


def test_missing_numbers_that_training_has_not_seen() -> None:
    x = np.nan_to_num(numbers())
    for mode in ("Min", "Max", "Forbidden"):
        proved(fitted(CatBoostRegressor, x, target(), nan_mode=mode), numbers())


def test_fast_mode_and_older_targets() -> None:
    import vajra_onnx as vo

    model = fitted(CatBoostRegressor, numbers(), target())
    assert vo.convert(model, numbers(), mode="fast").certificate.passed
    assert vo.convert(model, numbers(), target_opset=17).certificate.passed
    with pytest.raises(UnsupportedError, match="categorical features of CatBoost"):
        vo.convert(fitted(CatBoostRegressor, categories(), target()), categories(), target_opset=18)


@pytest.mark.parametrize("kind", ["text", "embedding"])
def test_other_features_are_refused_by_name(kind: str) -> None:
    data = categories()[["a b"]]
    data["t"] = ["some words", "other words", "words"] * 100 if kind == "text" else list(np.nan_to_num(numbers()))
    model = fitted(CatBoostClassifier, data, classes(2), **{f"{kind}_features": ["t"]})
    with pytest.raises(UnsupportedError, match=f"{kind} features of CatBoost: expected numbers and categories, got 't'"):
        converted(model, data[["a b"]].assign(t="words"), methods(model))

"""Naive Bayes: every kind, every form of data, and categories that were never seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from samples import FORMS, LABELS, classification, tolerance
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB

import vajra_onnx as vo
from vajra_onnx.errors import InputError

OUTPUTS = ["predict", "predict_proba", "predict_log_proba", "predict_joint_log_proba"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("model", [GaussianNB(), GaussianNB(var_smoothing=0.1)], ids=repr)
def test_gaussian(model: Any, labels: str, form: str) -> None:
    x, y = classification(form, labels)
    assert_same(model.fit(x, y), x, outputs=OUTPUTS, **tolerance(x))


def test_gaussian_with_given_priors() -> None:
    x, y = classification("float64")
    assert_same(GaussianNB(priors=[0.2, 0.7, 0.1]).fit(x, y), x, outputs=OUTPUTS, **tolerance(x))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("labels", ["binary-bool", "multi-string"])
@pytest.mark.parametrize(
    "model",
    [
        MultinomialNB(),
        MultinomialNB(alpha=0.1, fit_prior=False),
        ComplementNB(),
        ComplementNB(norm=True),
        BernoulliNB(binarize=2.0),
        BernoulliNB(binarize=0.1),
        BernoulliNB(binarize=np.float64(0.1), class_prior=None),
    ],
    ids=repr,
)
def test_discrete(model: Any, labels: str, form: str) -> None:
    x, y = classification(form, labels)
    assert_same(model.fit(abs(x), y), abs(x), outputs=OUTPUTS, **tolerance(x))


@pytest.mark.parametrize("dtype", ["bool", "int8", "float32", "float64"])
@pytest.mark.parametrize("binarize", [None, 0.0, 0.5])
def test_bernoulli_on_binary_data(binarize: float | None, dtype: str) -> None:
    x, y = classification("float64")
    data = (x > 0).astype(dtype)
    if binarize is None or dtype != "bool":
        assert_same(BernoulliNB(binarize=binarize).fit(data, y), data, outputs=OUTPUTS, **tolerance(x))


def test_bernoulli_threshold_is_rounded_to_the_float_type_of_the_data() -> None:
    x = np.array([[0.1, 0.3], [0.7, 0.1], [0.2, 0.6], [0.1, 0.1]], np.float32)
    assert_same(BernoulliNB(binarize=0.1).fit(x, [0, 1, 1, 0]), x, outputs=OUTPUTS, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("dtype", ["int64", "int32", "float64", "uint8"])
@pytest.mark.parametrize("labels", ["binary", "multi-string"])
def test_categorical(labels: str, dtype: str) -> None:
    x, y = classification("float64", labels)
    codes = np.clip(np.abs(x), 0, 7).astype(np.int64).astype(dtype)
    session = assert_same(CategoricalNB().fit(codes, y), codes, outputs=OUTPUTS, rtol=1e-12, atol=1e-13)
    unseen = codes.copy()
    unseen[3, 1] = 40
    with pytest.raises(InputError, match="categories"):
        session.run(unseen)


def test_a_negative_category_is_refused() -> None:
    x, y = classification("int64")
    session, _ = converted(CategoricalNB().fit(abs(x), y), abs(x))
    with pytest.raises(InputError, match="categories"):
        session.run(-abs(x) - 1)


def test_bernoulli_without_smoothing_has_infinite_logarithms() -> None:
    x, y = classification("float64")
    model = BernoulliNB(alpha=1e-10).fit(x > 0, y)
    assert_same(model, (x > 0).astype(float), outputs=OUTPUTS, rtol=1e-12, atol=1e-12)


def test_gaussian_in_float32_adds_up_as_numpy_does() -> None:
    x, y = classification("float32")
    assert_same(GaussianNB().fit(x, y), x, outputs=["predict", "predict_joint_log_proba"])
    wide = np.hstack([x, x * 2, x - 1]).astype(np.float32)
    assert_same(GaussianNB().fit(wide, y), wide, outputs=["predict", "predict_joint_log_proba"])
    assert vo.convert(GaussianNB().fit(x, y), x, outputs=OUTPUTS).certificate.passed

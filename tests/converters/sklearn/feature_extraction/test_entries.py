"""What uses the entries of sparse text as they are: the numbers, and the order of additions, are scipy's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from compare import assert_same, converted
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import ExtraTreesRegressor, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier, SGDClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import BernoulliNB, ComplementNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, Normalizer, OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC, LinearSVR

from vajra_onnx.errors import UnsupportedError

TEXTS = [
    "Hello World, hello again: the quick brown fox's 2 foxes",
    "The fox and the hound; THE FOX.",
    "Straße naïve façade Ångström the fox",
    "",
    "world world world of the hound",
    "Привет МИР мир Ёлка",
    "...",
    "quick quick hello 你好 世界",
    "a b c brown dogs and quicker foxes in the world",
] * 2
CLASSES = np.arange(len(TEXTS)) % 3
NUMBERS = np.random.default_rng(0).normal(size=len(TEXTS))
WORDS = TfidfVectorizer(ngram_range=(1, 2))
HASHED = HashingVectorizer()
WIDE = HashingVectorizer(n_features=2**18)
HASHED_CHARACTERS = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), n_features=2**18)


@pytest.mark.parametrize(
    "steps",
    [
        [WORDS, LinearSVC()],
        [HASHED, RidgeClassifier()],
        [HASHED, TfidfTransformer(), LinearSVC()],
        [WORDS, MaxAbsScaler(), LinearSVC()],
        [TfidfVectorizer(norm=None), Normalizer("l1"), LinearSVC()],
        [WORDS, SelectKBest(chi2, k=10), RidgeClassifier()],
        [HASHED_CHARACTERS, TruncatedSVD(3)],
        [FeatureUnion([("words", WORDS), ("hashed", HASHED)], transformer_weights={"words": 0.5}), RidgeClassifier()],
        [WORDS, RandomForestClassifier(5, random_state=0)],
        [WIDE, RandomForestClassifier(5, random_state=0)],
    ],
    ids=lambda steps: "-".join(type(step).__name__ for step in steps),
)
def test_bit_identical(steps: list[Any]) -> None:
    assert_same(_pipeline(steps, CLASSES), TEXTS)


@pytest.mark.parametrize(
    "steps",
    [[WORDS, Ridge(solver="sparse_cg")], [HASHED, LinearSVR()], [WIDE, ExtraTreesRegressor(5, random_state=0)]],
    ids=lambda steps: "-".join(type(step).__name__ for step in steps),
)
def test_numbers_are_bit_identical(steps: list[Any]) -> None:
    assert_same(_pipeline(steps, NUMBERS), TEXTS)


@pytest.mark.parametrize(
    "steps",
    [
        [HASHED, LogisticRegression()],
        [HASHED, SGDClassifier(loss="log_loss", random_state=0)],
        [CountVectorizer(), MultinomialNB()],
        [HashingVectorizer(alternate_sign=False, norm=None), ComplementNB()],
        [HASHED_CHARACTERS, BernoulliNB()],
        [CountVectorizer(binary=True), BernoulliNB(binarize=None)],
        [WORDS, StandardScaler(with_mean=False), OneVsRestClassifier(LogisticRegression())],
        [WORDS, FunctionTransformer(np.sqrt), LogisticRegression()],
        [WORDS, KNeighborsClassifier(3, metric="euclidean", algorithm="brute")],
    ],
    ids=lambda steps: "-".join(type(step).__name__ for step in steps),
)
def test_within_rounding(steps: list[Any]) -> None:
    """Behind a logarithm, an exponential or a dense product."""
    assert_same(_pipeline(steps, CLASSES), TEXTS, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("sparse_threshold", [0.0, 1.0])
def test_beside_numbers_and_categories(sparse_threshold: float) -> None:
    frame = pd.DataFrame({"text": pd.Series(TEXTS, dtype=object), "number": NUMBERS, "kind": list("abc") * 6})
    features = ColumnTransformer(
        [("number", StandardScaler(), ["number"]), ("text", WORDS, "text"), ("kind", OneHotEncoder(), ["kind"])],
        sparse_threshold=sparse_threshold,
    )
    model = Pipeline([("features", features), ("model", RidgeClassifier())]).fit(frame, CLASSES)
    assert_same(model, frame, rtol=0.0 if sparse_threshold else 1e-13, atol=0.0 if sparse_threshold else 1e-15)


def test_a_term_without_documents() -> None:
    """Its idf is infinite where it is not smoothed, and zero times that is no number."""
    vectorizer = TfidfVectorizer(vocabulary=["absent", "fox", "hello", "unseen"], smooth_idf=False)
    with np.errstate(divide="ignore"):
        model = vectorizer.fit(TEXTS)
    assert np.isinf(model.idf_).any()
    assert_same(model, TEXTS)


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint8, np.float32, bool])
def test_types_of_counts(dtype: type) -> None:
    assert_same(CountVectorizer(dtype=dtype).fit(TEXTS), TEXTS)


def test_too_wide_for_a_dense_matrix() -> None:
    with pytest.raises(UnsupportedError, match="1048576"):
        converted(HASHED.fit(TEXTS), TEXTS)


def _pipeline(steps: list[Any], target: np.ndarray) -> Pipeline:
    return Pipeline([(str(i), step) for i, step in enumerate(steps)]).fit(TEXTS, target)

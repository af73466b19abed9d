"""Linear models, Bayes, clusters, mixtures, processes and networks: what changes inference, on every kind of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.cluster import AffinityPropagation, Birch, BisectingKMeans, KMeans
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, DotProduct, Matern, RationalQuadratic, WhiteKernel
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge, RidgeClassifier, SGDClassifier, TweedieRegressor
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, MultinomialNB
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sweeps.rows import classes, numbers, rows
from sweeps.sweep import sweep

CLASSIFIERS: list[tuple[Any, str, str, int]] = [
    (LogisticRegression(solver="liblinear", fit_intercept=False), "scaled", "text", 2),
    (LogisticRegression(solver="newton-cg", C=10.0), "frame", "negative", 4),
    (LogisticRegression(solver="saga", l1_ratio=0.5, max_iter=50), "csr", "float", 3),
    (SGDClassifier(loss="modified_huber", average=True, random_state=0), "int8", "text", 4),
    (SGDClassifier(loss="log_loss", penalty="l1", random_state=0), "bool", "bool", 2),
    (RidgeClassifier(class_weight="balanced"), "duplicated", "text", 3),
    (LinearDiscriminantAnalysis(solver="eigen", shrinkage=0.3, n_components=1), "scaled", "text", 3),
    (LinearDiscriminantAnalysis(solver="lsqr", priors=[0.2, 0.8]), "int64", "bool", 2),
    (QuadraticDiscriminantAnalysis(reg_param=0.1), "uint8", "negative", 3),
    (BernoulliNB(binarize=0.7, fit_prior=False), "float32", "text", 3),
    (MultinomialNB(alpha=0.01, fit_prior=False), "uint8", "float", 4),
    (ComplementNB(norm=True), "uint8", "text", 2),
    (CategoricalNB(min_categories=30), "uint8", "negative", 3),
    (MLPClassifier((5, 3), activation="tanh", max_iter=15, random_state=0), "few", "text", 3),
    (MLPClassifier((5,), activation="logistic", max_iter=15, random_state=0), "int32", "bool", 2),
]
REGRESSORS: list[tuple[Any, str, int]] = [
    (Ridge(fit_intercept=False), "scaled", 2),
    (KernelRidge(kernel="laplacian"), "float32", 2),
    (KernelRidge(kernel="poly", gamma=0.1, degree=2), "few", 0),
    (MLPRegressor(hidden_layer_sizes=(100,), activation="tanh", max_iter=15, random_state=2), "float32", 0),
    (MLPRegressor(hidden_layer_sizes=(6, 4), max_iter=15, random_state=0), "csr", 2),
    (GaussianProcessRegressor(2.0 * RBF([1, 2, 0.5, 1, 3]) + WhiteKernel(0.1), optimizer=None, normalize_y=True), "float64", 2),
    (GaussianProcessRegressor(0.5 * Matern(nu=1.5) * RationalQuadratic() + WhiteKernel(1.0), optimizer=None), "int64", 0),
    (GaussianProcessRegressor(RBF(2.0) + DotProduct(), alpha=10.0, optimizer=None), "frame", 0),
]
CLUSTERS: list[tuple[Any, str]] = [
    (KMeans(4, algorithm="elkan", n_init=1, random_state=0), "scaled32"),
    (BisectingKMeans(5, bisecting_strategy="largest_cluster", random_state=0), "few"),
    (Birch(n_clusters=None, threshold=1.5), "int64"),
    (AffinityPropagation(random_state=0), "csr"),
    (GaussianMixture(3, covariance_type="diag", reg_covar=1e-3, random_state=0), "frame"),
    (GaussianMixture(2, covariance_type="tied", reg_covar=1e-3, random_state=0), "duplicated"),
    (BayesianGaussianMixture(n_components=2, covariance_type="spherical", reg_covar=1e-3, random_state=0), "scaled"),
]


@pytest.mark.parametrize(("model", "kind", "labels", "count"), CLASSIFIERS, ids=lambda v: type(v).__name__)
def test_classifier(model: Any, kind: str, labels: str, count: int) -> None:
    x = rows(kind, 11)
    sweep(f"{model} on {kind}", model, x, classes(x, labels, count))


@pytest.mark.parametrize(("model", "kind", "outputs"), REGRESSORS, ids=lambda v: type(v).__name__)
def test_regressor(model: Any, kind: str, outputs: int) -> None:
    x = rows(kind, 12)
    sweep(f"{model} on {kind}", model, x, numbers(x, outputs))


@pytest.mark.parametrize(
    "model", [PoissonRegressor(), TweedieRegressor(power=1.5), TweedieRegressor(power=3, link="log")], ids=repr
)
@pytest.mark.parametrize("kind", ["int8", "float32", "frame"])
def test_positive_targets(model: Any, kind: str) -> None:
    x = rows(kind, 13)
    sweep(f"{model} on {kind}", model, x, np.exp(numbers(x) / 9) + 0.1)


@pytest.mark.parametrize(("model", "kind"), CLUSTERS, ids=lambda v: type(v).__name__)
def test_clusters(model: Any, kind: str) -> None:
    sweep(f"{model} on {kind}", model, rows(kind, 14))

"""Every estimator of scikit-learn, fitted on small generated data: what the coverage command converts."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.datasets import make_classification, make_regression
from sklearn.ensemble import RandomForestClassifier
from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer  # noqa: F401
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.discovery import all_estimators

LABELS_ONLY = "labels the rows it is fitted on, and no others"
PLACES_ONLY = "places the rows it is fitted on, and no others"
MATRIX_ONLY = "estimates a matrix: it predicts and transforms nothing"
# No inference at all: they are not counted.
WITHOUT_INFERENCE = {
    name: reason
    for names, reason in [
        (
            "AgglomerativeClustering DBSCAN HDBSCAN OPTICS SpectralBiclustering SpectralClustering SpectralCoclustering",
            LABELS_ONLY,
        ),
        ("ClassicalMDS MDS SpectralEmbedding TSNE", PLACES_ONLY),
        ("EmpiricalCovariance GraphicalLasso GraphicalLassoCV LedoitWolf MinCovDet OAS ShrunkCovariance", MATRIX_ONLY),
    ]
    for name in names.split()
}
# Inference that has no place in a graph of tensors, or no answer to be equal to.
EXCLUDED = {
    "MultiLabelBinarizer": "encodes targets that are Python sets of any size, before a fit; no feature column holds such values",
    "PatchExtractor": "cuts each image into many, or into random ones: its rows are not the rows of its input",
    "PolynomialCountSketch": "multiplies sketches by way of an FFT: where the product is 0, as it is in most columns, it answers "
    "rounding errors, whose digits are the processor's; refused by name",
}
# Where the graph is exact, and where it cannot be.
NOTES = {
    "KernelDensity": "fitted with leaf_size=90 here, so that its tree is one leaf: a deeper tree adds bounds on its nodes up and "
    "subtracts them again, and what is left of their rounding is the density where few points are near. There the proof fails.",
    "NMF": "the iteration stops on a measure of the whole batch, so that a row alone is answered in another way than among "
    "others: the original is asked at batch 1 as well. In float32 an ill-conditioned model differs from itself by more than "
    "8 ulp, and does not pass.",
    "KNNImputer": "donors at exactly the same distance are taken in the order of the fit; scikit-learn leaves it to numpy's "
    "argpartition, which differs between processors. A number that dwarfs the other columns makes donors equally distant.",
    "Nystroem": "of float32 the terms of its last product are some thirty times larger than their sum: the original's own "
    "answers to the same rows alone and among others differ by up to 29 ulp, and the proof fails.",
}
SEARCH: dict[str, Any] = {"estimator": LogisticRegression(), "cv": 2}
# What differs from the defaults: small models, and the estimators inside of others.
GROUPS: list[tuple[str, dict[str, Any]]] = [
    ("AdaBoostClassifier AdaBoostRegressor BaggingClassifier BaggingRegressor", {"n_estimators": 5}),
    ("ExtraTreesClassifier ExtraTreesRegressor RandomForestClassifier RandomForestRegressor", {"n_estimators": 5}),
    ("GradientBoostingClassifier GradientBoostingRegressor IsolationForest RandomTreesEmbedding", {"n_estimators": 5}),
    ("HistGradientBoostingClassifier HistGradientBoostingRegressor", {"max_iter": 5}),
    ("CalibratedClassifierCV ClassifierChain MultiOutputClassifier OneVsOneClassifier", {"estimator": LogisticRegression()}),
    ("OneVsRestClassifier OutputCodeClassifier RFE RFECV SelfTrainingClassifier", {"estimator": LogisticRegression()}),
    ("FixedThresholdClassifier FrozenEstimator TunedThresholdClassifierCV", {"estimator": LogisticRegression()}),
    ("MultiOutputRegressor RegressorChain", {"estimator": Ridge()}),
    ("GridSearchCV HalvingGridSearchCV", {**SEARCH, "param_grid": {"C": [0.1, 1.0]}}),
    ("HalvingRandomSearchCV RandomizedSearchCV", {**SEARCH, "param_distributions": {"C": [0.1, 1.0]}}),
    ("SequentialFeatureSelector", {**SEARCH, "n_features_to_select": 2}),
    ("SelectFromModel", {"estimator": RandomForestClassifier(5, random_state=0)}),
    (
        "StackingClassifier VotingClassifier",
        {"estimators": [("linear", LogisticRegression()), ("tree", DecisionTreeClassifier())]},
    ),
    ("StackingRegressor VotingRegressor", {"estimators": [("linear", LinearRegression()), ("ridge", Ridge())]}),
    ("TransformedTargetRegressor", {"regressor": Ridge(), "transformer": StandardScaler()}),
    ("ColumnTransformer", {"transformers": [("scaled", StandardScaler(), [0, 1])], "remainder": "passthrough"}),
    ("FeatureUnion", {"transformer_list": [("scaled", StandardScaler()), ("same", "passthrough")]}),
    ("Pipeline", {"steps": [("scale", StandardScaler()), ("linear", LogisticRegression())]}),
    ("CCA PLSCanonical PLSRegression PLSSVD SparsePCA MiniBatchSparsePCA", {"n_components": 2}),
    ("GaussianRandomProjection SparseRandomProjection", {"n_components": 3}),
    ("Isomap LocallyLinearEmbedding", {"n_components": 2, "n_neighbors": 8}),
    ("DictionaryLearning MiniBatchDictionaryLearning", {"n_components": 4, "max_iter": 20}),
    ("SparseCoder", {"dictionary": np.random.default_rng(0).normal(size=(4, 5)), "transform_algorithm": "omp"}),
    ("NMF MiniBatchNMF", {"n_components": 2, "max_iter": 50}),
    ("LatentDirichletAllocation", {"n_components": 3, "max_iter": 3}),
    ("BernoulliRBM", {"n_components": 4, "n_iter": 3}),
    ("MLPClassifier MLPRegressor", {"hidden_layer_sizes": (6,), "max_iter": 50}),
    ("RadiusNeighborsClassifier RadiusNeighborsRegressor RadiusNeighborsTransformer", {"radius": 50.0}),
    ("KNeighborsTransformer", {"n_neighbors": 3}),
    ("LocalOutlierFactor", {"novelty": True}),
    ("KernelDensity", {"leaf_size": 90}),
    ("OneClassSVM", {"gamma": 0.1}),
    ("DummyClassifier", {"strategy": "prior"}),
    ("FunctionTransformer", {"func": np.square}),
    ("FeatureHasher HashingVectorizer", {"n_features": 32}),
    ("KBinsDiscretizer", {"strategy": "uniform"}),
    ("QuantileTransformer", {"n_quantiles": 20}),
    ("Birch BisectingKMeans FeatureAgglomeration KMeans MiniBatchKMeans", {"n_clusters": 3}),
]
PARAMETERS = {name: parameters for names, parameters in GROUPS for name in names.split()}
# What needs rows or targets of a special kind.
POSITIVE = [
    "AdditiveChi2Sampler",
    "ComplementNB",
    "LatentDirichletAllocation",
    "MiniBatchNMF",
    "MultinomialNB",
    "NMF",
    "SkewedChi2Sampler",
]
CATEGORIES = ["CategoricalNB", "OneHotEncoder", "OrdinalEncoder", "TargetEncoder", "TfidfTransformer"]
MISSING = ["IterativeImputer", "KNNImputer", "MissingIndicator", "SimpleImputer"]
PAIRS = ["CCA", "PLSCanonical", "PLSRegression", "PLSSVD", "MultiOutputRegressor", "RegressorChain"]
LABELS = ["LabelBinarizer", "LabelEncoder"]
TEXT = ["CountVectorizer", "HashingVectorizer", "TfidfVectorizer"]
DICTS = ["DictVectorizer", "FeatureHasher"]
COUNTS = ["GammaRegressor", "PoissonRegressor"]
BINARY = ["FixedThresholdClassifier", "TunedThresholdClassifierCV"]


def estimators() -> dict[str, type]:
    """All classes by name, but those that have nothing to convert."""
    return {name: kind for name, kind in all_estimators() if name not in WITHOUT_INFERENCE}


def fitted(name: str, kind: type, dtype: Any) -> tuple[Any, Any]:
    """The estimator with sensible parameters, fitted on data of this dtype, and that data."""
    x, y = data(name, kind, np.dtype(dtype))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = kind(**parameters(name, kind))
        if name == "FrozenEstimator":
            model.estimator.fit(x, y)
        if name in ("MultiOutputClassifier", "ClassifierChain"):
            y = np.stack([y % 2, y // 2], axis=1)
        if name in LABELS:
            model.fit(y)
            return model, pd.DataFrame({"y": y})
        if name in TEXT:
            # scikit-learn takes a vectorizer's texts as one sequence: in a DataFrame, a ColumnTransformer gives it its column.
            model = ColumnTransformer([("text", model, "text")])
        return model.fit(x, y), x


def parameters(name: str, kind: type) -> dict[str, Any]:
    """From the table, and a seed wherever there is one."""
    chosen = dict(PARAMETERS.get(name, {}))
    if "random_state" in kind(**chosen).get_params(deep=False):
        chosen.setdefault("random_state", 0)
    return chosen


def data(name: str, kind: type, dtype: np.dtype[Any]) -> tuple[Any, Any]:
    """Rows and a target that this estimator takes."""
    rng = np.random.default_rng(0)
    if name in TEXT:
        words = np.array(["red", "green", "blue", "grün", "Blau", "rot", "42", "a"])
        return pd.DataFrame({"text": [" ".join(rng.choice(words, 4)) for _ in range(60)]}), rng.integers(0, 2, 60)
    if name in DICTS:
        rows = [{"number": dtype.type(rng.normal()), "count": i % 4, "word": str(rng.choice(["red", "grün"]))} for i in range(60)]
        return [{key: row[key] for key in row if rng.random() < 0.8} for row in rows], rng.integers(0, 2, 60)
    if is_regressor(name, kind):
        return regression(name, dtype)
    x, y = make_classification(
        90, 5, n_informative=4, n_redundant=0, n_classes=3, n_clusters_per_class=1, flip_y=0.05, random_state=0
    )
    x = x.astype(dtype)
    if name in BINARY:
        y = y % 2
    if name in POSITIVE:
        x = np.abs(x)
    if name in CATEGORIES:
        x = rng.integers(0, 4, x.shape).astype(dtype)
    if name in MISSING:
        x[::3, 0] = np.nan
    if name == "BernoulliRBM":
        x = (x - x.min(axis=0)) / (x.max(axis=0) - x.min(axis=0))
    if name == "KernelCenterer":
        x = (x @ x.T).astype(dtype)
    if name in PAIRS:
        y = x[:, :2] @ np.array([[1.0, 2.0], [0.5, -1.0]]) + rng.normal(size=(len(x), 2))
    return x, y


def is_regressor(name: str, kind: type) -> bool:
    """Whether the class counts as a regressor."""
    return (name, kind) in all_estimators(type_filter="regressor")


def regression(name: str, dtype: np.dtype[Any]) -> tuple[Any, Any]:
    """Five features and a number; two numbers for regressors of several targets, positive ones for counts."""
    several = name.startswith("MultiTask") or name in PAIRS
    x, y = make_regression(90, 5, n_informative=4, n_targets=2 if several else 1, noise=5.0, random_state=0)
    if name in COUNTS:
        y = np.exp(y / np.abs(y).max()) + 0.1
    if name == "IsotonicRegression":
        x = x[:, :1]
    return x.astype(dtype), y

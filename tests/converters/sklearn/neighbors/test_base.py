"""The nearest points: metrics, algorithms, dtypes, and what happens where distances are equal."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import FORMS, classification, iris
from scipy.sparse import csr_matrix
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, NearestNeighbors

from vajra_onnx.errors import InputError, UnsupportedError

METRICS: list[dict[str, Any]] = [
    {"metric": "euclidean"},
    {"metric": "manhattan"},
    {"metric": "chebyshev"},
    {"metric": "minkowski", "p": 3},
    {"metric": "minkowski", "p": 1.5},
    {"metric": "l1"},
    {"metric": "infinity"},
]


def exactness(parameters: dict[str, Any], algorithm: str = "kd_tree") -> dict[str, float]:
    """Bit by bit, apart from powers that are not whole, and from the products of brute force."""
    if algorithm == "brute" and parameters["metric"] in ("euclidean", "minkowski"):
        return {"rtol": 1e-12, "atol": 1e-6}
    return {"rtol": 1e-14} if parameters["metric"] == "minkowski" else {}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("algorithm", ["kd_tree", "ball_tree"])
@pytest.mark.parametrize("parameters", METRICS, ids=str)
def test_trees_are_exact_ties_included(parameters: dict[str, Any], algorithm: str, form: str) -> None:
    x, _ = classification(form)
    model = NearestNeighbors(n_neighbors=5, algorithm=algorithm, leaf_size=7, **parameters).fit(x[:100])
    assert_same(model, x, **exactness(parameters))


@pytest.mark.parametrize("count", [16, 33, 100])
def test_many_equal_distances_are_sorted_alike(count: int) -> None:
    rng = np.random.default_rng(count)
    x = rng.integers(0, 4, (150, 3)).astype(np.float64)
    rows = np.concatenate([x[:20], rng.normal(size=(5, 3)), x[:5] * 1e20])
    assert_same(NearestNeighbors(n_neighbors=count, algorithm="kd_tree").fit(x), x, rows)


@pytest.mark.parametrize("form", ["float64", "float32"])
@pytest.mark.parametrize("parameters", METRICS[:-1], ids=str)
def test_brute_force(parameters: dict[str, Any], form: str) -> None:
    x, _ = classification(form)
    model = NearestNeighbors(n_neighbors=5, algorithm="brute", **parameters).fit(x[:100])
    assert_same(model, x, **exactness(parameters, "brute"))


def test_brute_force_between_dtypes() -> None:
    x, _ = classification("float64")
    for fitted, asked in (("float32", "float64"), ("float64", "float32")):
        for parameters in METRICS[:-1]:
            model = NearestNeighbors(n_neighbors=5, algorithm="brute", **parameters).fit(x[:100].astype(fitted))
            assert_same(model, x.astype(asked), rtol=1e-12, atol=1e-6)


@pytest.mark.parametrize("form", ["float64", "float32"])
def test_cosine(form: str) -> None:
    x, _ = classification(form)
    model = NearestNeighbors(n_neighbors=5, metric="cosine").fit(x[:100])
    assert_same(model, x, np.vstack([x, np.zeros((1, 6), x.dtype)])[:150], atol=1e-15 if form == "float64" else 1e-6)


@pytest.mark.parametrize("k", range(1, 16))
@pytest.mark.parametrize("algorithm", ["kd_tree", "ball_tree"])
@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev"])
def test_a_grid_of_equal_distances(metric: str, algorithm: str, k: int) -> None:
    """Many points at the same distance: those that stay are decided by the order of the search and by its heap."""
    random = np.random.default_rng(k)
    x = random.integers(0, 4, (90, 3)).astype(float)
    model = NearestNeighbors(n_neighbors=k, algorithm=algorithm, metric=metric, leaf_size=3).fit(x)
    assert_same(model, x, random.integers(-1, 5, (60, 3)).astype(float))


@pytest.mark.parametrize("k", [*range(1, 9), 12, 17, 30])
@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev"])
def test_brute_force_on_equally_distant_points(metric: str, k: int) -> None:
    """The original has another order for batches of at most as many rows as it was fitted on."""
    random = np.random.default_rng(k)
    x = random.integers(0, 4, (90, 3)).astype(float)
    other = random.integers(-1, 5, (200, 3)).astype(float)
    model = NearestNeighbors(n_neighbors=k, algorithm="brute", metric=metric).fit(x)
    session, _ = converted(model, x)
    for batch in (other, other[:1], other[:50], other[:90], other[:91]):
        distances, indices = model.kneighbors(batch)
        answer = session.run(batch)
        np.testing.assert_array_equal(answer["kneighbors_0"], distances)
        np.testing.assert_array_equal(answer["kneighbors_1"], indices)


def test_more_than_fifteen_neighbours_of_equal_distance_are_the_same_set() -> None:
    x = np.random.default_rng(0).integers(0, 4, (90, 3)).astype(float)
    model = NearestNeighbors(n_neighbors=20).fit(x)
    session, _ = converted(model, x)
    distances, indices = model.kneighbors(x)
    answer = session.run(x)
    np.testing.assert_array_equal(answer["kneighbors_0"], distances)
    np.testing.assert_array_equal(np.sort(answer["kneighbors_1"]), np.sort(indices))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(1, 4), st.sampled_from(["kd_tree", "ball_tree"]))
def test_any_small_data(seed: int, k: int, features: int, algorithm: str) -> None:
    random = np.random.default_rng(seed)
    x = random.integers(0, 3, (30, features)) + random.choice([0.0, 0.5], (30, features))
    assert_same(NearestNeighbors(n_neighbors=k, algorithm=algorithm, leaf_size=2).fit(x), x)


def test_all_points_are_neighbours_and_one_point() -> None:
    x, _ = iris()
    assert_same(NearestNeighbors(n_neighbors=10, algorithm="kd_tree").fit(x[:10]), x)
    assert_same(NearestNeighbors(n_neighbors=1, algorithm="kd_tree").fit(x[:1]), x)


def test_weighted_minkowski() -> None:
    parameters = {"p": 3, "metric_params": {"w": np.array([1.0, 2.0, 0.5, 0.0])}}
    x, _ = iris()
    assert_same(NearestNeighbors(algorithm="ball_tree", **parameters).fit(x), x + 0.013, rtol=1e-14)
    x = np.random.default_rng(0).normal(size=(150, 4))
    assert_same(NearestNeighbors(algorithm="brute", **parameters).fit(x), x + 0.013, rtol=1e-14)


def test_fitted_on_a_sparse_matrix() -> None:
    x, _ = classification("float64")
    assert_same(NearestNeighbors().fit(csr_matrix(x[:100])), x, rtol=1e-12, atol=1e-6)


def test_far_from_the_origin() -> None:
    x, _ = iris()
    assert_same(NearestNeighbors(algorithm="kd_tree").fit(x + 1e8), x + 1e8)


OTHERS: list[dict[str, Any]] = [
    {"metric": "seuclidean", "metric_params": {"V": np.array([1.0, 2.0, 0.5])}},
    {"metric": "mahalanobis", "metric_params": {"VI": np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 3.0]])}},
    {"metric": "canberra"},
    {"metric": "hamming"},
    {"metric": "jaccard"},
    {"metric": "rogerstanimoto"},
    {"metric": "russellrao"},
]
DISCRETE = ("hamming", "jaccard", "rogerstanimoto", "russellrao", "dice", "sokalsneath", "yule")
BRUTE: list[dict[str, Any]] = [{"metric": m} for m in ("sqeuclidean", "correlation", "braycurtis", "dice", "sokalsneath", "yule")]


def points(dtype: Any) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.normal(size=(120, 3)).astype(dtype) if np.dtype(dtype).kind == "f" else rng.integers(-2, 3, (120, 3)).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
@pytest.mark.parametrize("parameters", OTHERS, ids=lambda p: p["metric"])
def test_other_metrics_on_a_ball_tree(parameters: dict[str, Any], dtype: Any) -> None:
    x = points(dtype)
    model = NearestNeighbors(n_neighbors=5, algorithm="ball_tree", leaf_size=7, **parameters).fit(x[:100])
    assert_same(model, x)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("parameters", [*OTHERS, *BRUTE], ids=lambda p: p["metric"])
def test_other_metrics_by_brute_force(parameters: dict[str, Any], dtype: Any) -> None:
    x = points(dtype)
    y = x[:100].sum(axis=1).astype(np.float64)
    weights = "uniform" if parameters["metric"] == "sqeuclidean" else "distance"  # a row's own distance is rounding alone
    model = KNeighborsRegressor(n_neighbors=5, algorithm="brute", weights=weights, **parameters)
    if parameters["metric"] in DISCRETE:  # all neighbours are at the same few distances: see the next test
        model = KNeighborsRegressor(n_neighbors=100, algorithm="brute", **parameters)
    assert_same(model.fit(x[:100], y), x, outputs=["predict"], rtol=1e-12, atol=1e-12)


def test_neighbours_on_the_globe() -> None:
    rng = np.random.default_rng(0)
    x = np.stack([rng.uniform(-np.pi / 2, np.pi / 2, 200), rng.uniform(-np.pi, np.pi, 200)], axis=1)
    for algorithm in ("ball_tree", "brute"):
        assert_same(NearestNeighbors(metric="haversine", algorithm=algorithm, leaf_size=7).fit(x[:150]), x, rtol=1e-13)


@pytest.mark.parametrize("k", [16, 25, 40])
@pytest.mark.parametrize("algorithm", ["kd_tree", "ball_tree"])
def test_many_neighbours_are_in_the_original_order(algorithm: str, k: int) -> None:
    x = points(np.int64)
    assert_same(NearestNeighbors(n_neighbors=k, algorithm=algorithm, leaf_size=5).fit(x), x)


@pytest.mark.parametrize("algorithm", ["brute", "kd_tree"])
def test_distances_beyond_the_largest_number(algorithm: str) -> None:
    x = points(np.float64)
    model = NearestNeighbors(n_neighbors=1, algorithm=algorithm).fit(x)
    with np.errstate(over="ignore"):
        assert_same(model, x, np.array([[1.7e308, 0.0, 0.0], [1e200, 1e200, -1.7e308]]), rtol=1e-12)


def test_a_callable_is_refused() -> None:
    x, y = iris()
    with pytest.raises(UnsupportedError, match="metric"):
        converted(KNeighborsClassifier(metric=lambda a, b: abs(a - b).sum()).fit(x, y), x)


def test_a_ball_tree_without_the_triangle_inequality_is_refused() -> None:
    x, y = iris()
    with pytest.raises(UnsupportedError, match="braycurtis"):
        converted(KNeighborsClassifier(metric="braycurtis", algorithm="ball_tree").fit(x, y), x)


def test_more_neighbours_than_points_are_refused() -> None:
    x, _ = iris()
    with pytest.raises(UnsupportedError, match="n_neighbors"):
        converted(NearestNeighbors(n_neighbors=200).fit(x), x)


def test_integers_by_brute_force_are_refused_where_argpartition_has_a_choice() -> None:
    """Rows 0 and 1 are the same: as neighbours they have no order, and as the last neighbour only one of them is kept."""
    x = np.array([[0, 0], [0, 0], [3, 0], [7, 0]])
    session, _ = converted(NearestNeighbors(n_neighbors=2, algorithm="brute").fit(x), x)
    np.testing.assert_array_equal(session.run(np.array([[6, 0]]))["kneighbors_1"], [[3, 2]])
    for row in ([0, 0], [2, 0], [5, 0]):
        with pytest.raises(InputError, match="equally distant"):
            session.run(np.array([row]))


@pytest.mark.parametrize(("labels", "refused"), [([1, 1, 0, 0], False), ([1, 0, 0, 0], True)])
def test_equally_distant_integers_of_one_class_are_no_choice(labels: list[int], refused: bool) -> None:
    x = np.array([[0, 0], [0, 0], [3, 0], [7, 0]])
    model = KNeighborsClassifier(n_neighbors=1, algorithm="brute").fit(x, labels)
    session, _ = converted(model, x, ["predict"])
    with pytest.raises(InputError, match="equally distant") if refused else nullcontext():
        assert session.run(np.array([[1, 0]]))["predict"] == [1]

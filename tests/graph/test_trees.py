"""Trees against a plain Python walk over the same arrays: every comparison rule, dtype, missing value and opset."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import onnxruntime
import pytest
import spox
from random_trees import FEATURES, random_tree, rows
from spox import Tensor, Var

from vajra_onnx.errors import UnsupportedError
from vajra_onnx.graph import trees as t
from vajra_onnx.graph.model import build
from vajra_onnx.graph.target import building
from vajra_onnx.graph.trees import Tree

GOES_LEFT: dict[str, Callable[[float, float], bool]] = {
    "<=": lambda x, threshold: bool(x <= threshold),
    "<": lambda x, threshold: bool(x < threshold),
    ">": lambda x, threshold: bool(x > threshold),
}


def walk(tree: Tree, row: np.ndarray, rule: str) -> int:
    node = 0
    while tree.left[node] >= 0:
        x = row[tree.feature[node]]
        if np.isnan(x):
            left = tree.missing_left is not None and bool(tree.missing_left[node])
        elif tree.members is not None and node in tree.members:
            left = bool(np.isin(x, tree.members[node]))
        else:
            left = GOES_LEFT[rule](float(x), float(tree.threshold[node]))
        node = int(tree.left[node] if left else tree.right[node])
    return node


def leaves(trees: Sequence[Tree], x: np.ndarray, rule: str) -> np.ndarray:
    """Node numbers [N, T]."""
    return np.array([[walk(tree, row, rule) for tree in trees] for row in x])


def run(function: Callable[[Var], Var], x: np.ndarray, *, threads: int = 1, opset: int = 21) -> np.ndarray:
    with building(opset) as target:
        argument = spox.argument(Tensor(x.dtype, ("N", x.shape[1])))
        model = build(target, {"x": argument}, {"y": function(argument)})
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    together = session.run(None, {"x": x})[0]
    for i in range(3):
        np.testing.assert_array_equal(session.run(None, {"x": x[i : i + 1]})[0], together[i : i + 1])
    return np.asarray(together)


def values_in_order(trees: Sequence[Tree], x: np.ndarray, rule: str) -> list[np.ndarray]:
    reached = leaves(trees, x, rule)
    return [tree.value.reshape(len(tree.left), -1)[reached[:, i]] for i, tree in enumerate(trees)]


@pytest.mark.parametrize("opset", [17, 20, 21])
@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rule", ["<=", "<", ">"])
def test_leaf_index_is_the_leaf_that_a_walk_reaches(rule: str, dtype: type, missing: bool, opset: int) -> None:
    rng = np.random.default_rng(opset)
    trees = [random_tree(rng, depth, missing=missing) for depth in (3, 0, 5, 1, 0, 6)]
    x = rows(rng, trees, dtype, missing)
    index = run(lambda v: t.leaf_index(v, trees, rule=rule), x, opset=opset)
    assert index.dtype == np.int64
    expected = np.stack(values_in_order(trees, x, rule), axis=1)
    np.testing.assert_array_equal(t.leaf_table(trees)[index], expected)


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_categorical_nodes_send_members_left(dtype: type, missing: bool) -> None:
    rng = np.random.default_rng(3)
    trees = [random_tree(rng, 5, missing=missing, members=True) for _ in range(40)]
    assert any(len(m) == 0 for tree in trees for m in (tree.members or {}).values())
    x = np.trunc(rows(rng, trees, dtype, missing))
    index = run(lambda v: t.leaf_index(v, trees, rule="<="), x)
    np.testing.assert_array_equal(t.leaf_table(trees)[index], np.stack(values_in_order(trees, x, "<="), axis=1))


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_leaf_sum_adds_in_the_order_of_the_trees_at_any_number_of_threads(dtype: type, outputs: int, threads: int) -> None:
    rng = np.random.default_rng(outputs)
    trees = [random_tree(rng, 4, outputs=outputs) for _ in range(120)]
    x = rows(rng, trees, dtype, False)
    expected = np.zeros((len(x), outputs))
    for values in values_in_order(trees, x, "<="):
        expected += values
    np.testing.assert_array_equal(
        run(lambda v: t.leaf_sum(t.leaf_index(v, trees, rule="<="), t.leaf_table(trees)), x, threads=threads), expected
    )


@pytest.mark.parametrize("opset", [17, 21])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_targets", [1, 3])
def test_ordered_sum_starts_from_the_base_and_keeps_the_order(n_targets: int, dtype: type, opset: int) -> None:
    rng = np.random.default_rng(7)
    trees = [random_tree(rng, 4) for _ in range(60)]
    targets = rng.integers(n_targets, size=60)
    base = (rng.normal(size=n_targets) * 1e3).tolist()
    x = rows(rng, trees, dtype, False)
    expected = np.tile(np.array(base, dtype), (len(x), 1))
    for values, target in zip(values_in_order(trees, x, "<"), targets, strict=True):
        expected[:, target] += values[:, 0].astype(dtype)
    got = run(lambda v: t.ordered_sum(v, trees, rule="<", targets=targets, n_targets=n_targets, base=base), x, opset=opset)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, expected)


def test_ordered_sum_of_categorical_nodes_in_a_row_that_lead_to_equal_leaves() -> None:
    """onnxruntime makes one node of the two, and hangs the weight of the leaf that it drops on a first tree that is a leaf."""
    left, right, feature = np.array([1, -1, 3, -1, -1]), np.array([2, -1, 4, -1, -1]), np.zeros(5, np.int64)
    sets = {0: np.array([0, 1]), 2: np.array([2])}
    tree = Tree(left, right, feature, np.zeros(5), np.array([0.0, 1.0, 0.0, 1.0, 2.0]), members=sets)
    x = np.arange(4.0)[:, None]
    got = run(lambda v: t.ordered_sum(v, [tree], rule="<=", targets=[0], n_targets=3, base=[10, 20, 30]), x)
    np.testing.assert_array_equal(got, [[11, 20, 30], [11, 20, 30], [11, 20, 30], [12, 20, 30]])


def test_ordered_sum_of_vector_leaves_counts_for_all_targets() -> None:
    rng = np.random.default_rng(7)
    trees = [random_tree(rng, 4, outputs=3) for _ in range(20)]
    x = rows(rng, trees, np.float32, False)
    expected = np.tile(np.array([1, 2, 3], np.float32), (len(x), 1))
    for values in values_in_order(trees, x, "<"):
        expected += values.astype(np.float32)
    got = run(lambda v: t.ordered_sum(v, trees, rule="<", targets=[0] * 20, n_targets=3, base=[1, 2, 3]), x)
    np.testing.assert_array_equal(got, expected)


def test_ordered_sum_of_nothing_but_single_leaves() -> None:
    trees = [Tree.leaf(0.25), Tree.leaf(0.5)]
    x = np.zeros((4, 2), np.float32)
    got = run(lambda v: t.ordered_sum(v, trees, rule="<", targets=[0, 0], n_targets=1), x)
    np.testing.assert_array_equal(got, np.full((4, 1), 0.75, np.float32))


def test_categories_are_refused_by_name_at_an_older_opset() -> None:
    rng = np.random.default_rng(0)
    trees = [random_tree(rng, 5, members=True) for _ in range(5)]
    with pytest.raises(UnsupportedError, match=r"categorical splits.*got ai.onnx 17 / ai.onnx.ml 3"):
        run(lambda v: t.leaf_index(v, trees, rule="<="), np.zeros((5, FEATURES)), opset=17)

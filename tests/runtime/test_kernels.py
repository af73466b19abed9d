"""Tree kernels beside onnxruntime's own trees, bit for bit; what they do not take is left alone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pytest
import spox
from onnx import helper, numpy_helper
from random_trees import FEATURES, random_tree, rows, symmetric_tree
from spox import Tensor, Var

from vajra_onnx.graph import trees as t
from vajra_onnx.graph.model import build
from vajra_onnx.graph.target import building
from vajra_onnx.runtime.kernels import with_kernels
from vajra_onnx.runtime.onnxruntime import open_session

pytest.importorskip("vajra_onnx_native", reason="the native wheel is not installed (make native)")

RULES = ["<=", "<", ">"]
DTYPES = [np.float32, np.float64]
BATCHES = (1, 2, 7, 8, 9, 31, 127, 300, 1000)


def graph(function: Callable[[Var], Var], dtype: type) -> bytes:
    with building() as target:
        argument = spox.argument(Tensor(dtype, ("N", FEATURES)))
        return build(target, {"x": argument}, {"y": function(argument)}).SerializeToString()


def assert_same_bits(data: bytes, x: np.ndarray, batches: tuple[int, ...] = BATCHES) -> None:
    """The kernel is taken, and gives onnxruntime's bits at every batch size, on one thread and on two."""
    assert with_kernels(data) is not None
    reference = open_session(data, 1, None)
    x = np.tile(x, (-(-max(batches) // len(x)), 1))
    for threads in (1, 2):
        session = open_session(data, threads, None, kernels=True)
        for batch in batches:
            (expected,), (got,) = (s.run(None, {"x": x[:batch]}) for s in (reference, session))
            assert (got.dtype, got.shape) == (expected.dtype, expected.shape)
            np.testing.assert_array_equal(got.view(np.uint8), expected.view(np.uint8))


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rule", RULES)
def test_sums_of_one_and_of_several_targets(rule: str, dtype: type, missing: bool) -> None:
    rng = np.random.default_rng(0)
    trees = [random_tree(rng, depth, missing=missing) for depth in (1, 3, 0, 5, 9, 14) * 5]
    x = rows(rng, trees, dtype, True)
    for targets in (1, 3):
        goal = rng.integers(targets, size=len(trees)).tolist()
        base = rng.normal(size=targets).tolist()
        data = graph(lambda v: t.ordered_sum(v, trees, rule=rule, targets=goal, n_targets=targets, base=base), dtype)  # noqa: B023
        assert_same_bits(data, x)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("missing", [False, True])
def test_members(dtype: type, missing: bool) -> None:
    rng = np.random.default_rng(1)
    trees = [random_tree(rng, 5, missing=missing, members=True) for _ in range(30)]
    x = np.trunc(rows(rng, trees, dtype, True))
    data = graph(lambda v: t.ordered_sum(v, trees, rule="<=", targets=[0] * 30, n_targets=1), dtype)
    assert_same_bits(data, x)


@pytest.mark.parametrize("dtype", DTYPES)
def test_leaf_numbers(dtype: type) -> None:
    rng = np.random.default_rng(2)
    trees = [random_tree(rng, 7, missing=True) for _ in range(20)]
    assert_same_bits(graph(lambda v: t.leaf_index(v, trees, rule="<"), dtype), rows(rng, trees, dtype, True))


@pytest.mark.parametrize("cuts", [100, 254, 255, 700, 5000])
@pytest.mark.parametrize("dtype", DTYPES)
def test_few_and_many_thresholds_of_one_feature(dtype: type, cuts: int) -> None:
    """A byte, several columns of bytes, and two bytes for their places."""
    thresholds = np.sort(np.random.default_rng(3).normal(size=cuts)).astype(dtype)
    stump = np.array([1, -1, -1]), np.array([2, -1, -1]), np.zeros(3, np.int64)
    trees = [t.Tree(*stump, np.array([c, 0, 0]), np.array([0.0, i, -i])) for i, c in enumerate(thresholds)]
    data = graph(lambda v: t.ordered_sum(v, trees, rule="<", targets=[0] * cuts, n_targets=1), dtype)
    near = np.concatenate([thresholds, np.nextafter(thresholds, dtype(-9)), [np.nan, np.inf, -np.inf]]).astype(dtype)
    assert_same_bits(data, np.repeat(near[:, None], FEATURES, axis=1), (1, 9, len(near)))


STUMPS = 16
MODES = {"<=": 0, "<": 1, ">=": 2, ">": 3, "==": 4, "!=": 5}


@pytest.mark.parametrize("tracks", [0, 1])
@pytest.mark.parametrize("mode", MODES)
def test_every_mode(mode: str, tracks: int) -> None:
    x = np.array([-np.inf, -1, -0.0, 0.0, 5e-324, 1, np.inf, np.nan])
    for split in (-np.inf, -1.0, 0.0, -0.0, 1.0, np.inf):
        assert_same_bits(stumps(MODES[mode], split, tracks), np.repeat(x[:, None], FEATURES, axis=1), (1, 8, 30))


def stumps(mode: int = 0, split: float = 0.0, tracks: int = 0, **changed: Any) -> bytes:
    """A model of STUMPS trees of one node, each feature in turn."""
    n = STUMPS
    attributes = {
        "n_targets": 1,
        "aggregate_function": 1,
        "post_transform": 0,
        "tree_roots": list(range(n)),
        "nodes_featureids": [i % FEATURES for i in range(n)],
        "nodes_modes": numpy_helper.from_array(np.full(n, mode, np.uint8)),
        "nodes_splits": numpy_helper.from_array(np.full(n, split)),
        "nodes_truenodeids": list(range(0, 2 * n, 2)),
        "nodes_trueleafs": [1] * n,
        "nodes_falsenodeids": list(range(1, 2 * n, 2)),
        "nodes_falseleafs": [1] * n,
        "nodes_missing_value_tracks_true": [tracks] * n,
        "leaf_targetids": [0] * 2 * n,
        "leaf_weights": numpy_helper.from_array(np.arange(2.0 * n) / 7),
    }
    node = helper.make_node("TreeEnsemble", ["x"], ["y"], domain="ai.onnx.ml", **(attributes | changed))
    x = helper.make_tensor_value_info("x", onnx.TensorProto.DOUBLE, ["N", FEATURES])
    y = helper.make_tensor_value_info("y", onnx.TensorProto.DOUBLE, ["N", None])
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("ai.onnx.ml", 5)]
    return helper.make_model(helper.make_graph([node], "g", [x], [y]), opset_imports=opsets, ir_version=10).SerializeToString()


@pytest.mark.parametrize(
    "changed",
    [
        {"aggregate_function": 0},
        {"post_transform": 1},
        {"nodes_modes": numpy_helper.from_array(np.full(STUMPS, 7, np.uint8))},
        {"nodes_splits": numpy_helper.from_array(np.full(STUMPS, np.nan))},
        {"nodes_truenodeids": [0] * STUMPS, "nodes_trueleafs": [0] * STUMPS},  # a node that leads to itself
        {"nodes_falsenodeids": [99] * STUMPS},
        {"leaf_targetids": [1] * 2 * STUMPS},
        {"n_targets": 2, "leaf_targetids": [0, 1] * STUMPS},  # leaves of one tree count for several
        {"leaf_weights": numpy_helper.from_array(np.zeros(3))},
        {"tree_roots": [STUMPS]},
    ],
)
def test_what_the_kernel_does_not_take_is_left_alone(changed: dict[str, Any]) -> None:
    assert with_kernels(stumps()) is not None
    assert with_kernels(stumps(**changed)) is None


def test_trees_that_ask_less_than_a_look_up_costs_are_left_alone() -> None:
    assert with_kernels(stumps(tree_roots=[0])) is None


@pytest.mark.parametrize("data", [b"", b"\x08\x0a", b"\xff" * 9])
def test_other_bytes_are_left_alone(data: bytes) -> None:
    assert with_kernels(data) is None


@pytest.mark.parametrize("dtype", DTYPES)
def test_symmetric_trees(dtype: type) -> None:
    rng = np.random.default_rng(4)
    trees = [symmetric_tree(rng, depth, 1) for depth in (1, 6, 8, 9, 3, 6)]
    data = graph(lambda v: t.ordered_sum(v, trees, rule=">", targets=[0] * len(trees), n_targets=1), dtype)
    assert_same_bits(data, rows(rng, trees, dtype, True))


def test_nothing_is_taken_without_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vajra_onnx_native", None)
    assert with_kernels(stumps()) is None

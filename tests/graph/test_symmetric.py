"""Symmetric trees, all splits at once, against the operator that walks tree by tree, which keeps its order in one thread only."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import spox
from random_trees import FEATURES, symmetric_tree
from spox import Tensor

from vajra_onnx.graph.model import build
from vajra_onnx.graph.symmetric import fits, symmetric_sum
from vajra_onnx.graph.target import building
from vajra_onnx.graph.trees import ordered_sum
from vajra_onnx.graph.values import cast


def session(graph: bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(graph, options)


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("depths", [[1], [3] * 20, [0, 2, 3, 3, 2], [8, 7, 8]], ids=str)
def test_same_bits_as_tree_by_tree(depths: list[int], outputs: int) -> None:
    rng = np.random.default_rng(0)
    trees = [symmetric_tree(rng, depth, outputs) for depth in depths]
    edges = np.array([0, 0.1, 1, -1e30], np.float32)
    values = [np.nan, np.inf, -np.inf, -0.0, *edges, *np.nextafter(edges, np.float32(9)), *np.nextafter(edges, -np.float32(9))]
    rows = rng.choice(np.array(values, np.float32), (2500, FEATURES))
    with building() as target:
        assert fits(trees)
        x = spox.argument(Tensor(np.float32, ("N", FEATURES)))
        walked = ordered_sum(cast(x, np.float64), trees, rule=">", targets=[0] * len(trees), n_targets=outputs)
        found = {"walked": walked, "at once": symmetric_sum(x, trees, np.dtype(np.float64))}
        graph = build(target, {"x": x}, found).SerializeToString()
    for batch in (rows, rows[:2]):
        one, two = (session(graph, threads).run(None, {"x": batch}) for threads in (1, 2))
        np.testing.assert_array_equal(one[1], one[0])
        np.testing.assert_array_equal(two[1], one[0])


@pytest.mark.parametrize("depths", [[0, 0], [9], [6, 1, 1, 1, 1]], ids=str)
def test_trees_that_it_is_not_for(depths: list[int]) -> None:
    trees = [symmetric_tree(np.random.default_rng(0), depth, 1) for depth in depths]
    with building():
        assert not fits(trees)
    with building(17):
        assert not fits([symmetric_tree(np.random.default_rng(0), 3, 1)])

"""sklearn.cluster._agglomerative."""

from __future__ import annotations

import numpy as np
from sklearn.cluster import FeatureAgglomeration
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block
from ....graph.values import concat, constant, constant_like
from ...registry import converts

LAST = np.array([2])


@converts(FeatureAgglomeration)
def feature_agglomeration(model: FeatureAgglomeration, block: Block) -> Block:
    """One column for each cluster of features: their mean (always float64), largest, smallest or median value."""
    members = [np.flatnonzero(model.labels_ == label) for label in np.unique(model.labels_)]
    if model.pooling_func is np.mean:
        return Block.matrix_of(_means(block.matrix(np.float64), members), len(members))
    if model.pooling_func is np.max:
        return Block.matrix_of(ops.reduce_max(_grouped(block.matrix(), members), constant(LAST), keepdims=0), len(members))
    if model.pooling_func is np.min:
        return Block.matrix_of(ops.reduce_min(_grouped(block.matrix(), members), constant(LAST), keepdims=0), len(members))
    if model.pooling_func is np.median:
        return Block.matrix_of(_medians(block.floats(), members), len(members))
    raise UnsupportedError("pooling_func", expected="numpy.mean | max | min | median", got=repr(model.pooling_func))


def _grouped(x: Var, members: list[np.ndarray], filler: float | None = None) -> Var:
    """[N, clusters, largest size]: smaller clusters repeat their last feature, or end with the filler."""
    size, width = max(len(m) for m in members), sum(len(m) for m in members)
    index = [np.pad(m, (0, size - len(m)), mode="edge") for m in members]
    if filler is not None:
        index = [np.pad(m, (0, size - len(m)), constant_values=width) for m in members]
        rows = ops.concat([ops.shape(x, start=0, end=1), constant(np.array([1]))], axis=0)
        x = concat([x, ops.expand(constant_like(x, [[filler]]), rows)])
    return ops.gather(x, constant(np.stack(index)), axis=1)


def _means(x: Var, members: list[np.ndarray]) -> Var:
    """Source: numpy.bincount: features are added one after the other; zeros at the end change nothing."""
    sums = ops.cumsum(_grouped(x, members, 0.0), constant(np.int64(2)))
    last = ops.gather(sums, constant(np.int64(max(len(m) for m in members) - 1)), axis=2)
    return ops.div(last, constant_like(x, [len(m) for m in members]))


def _medians(x: Var, members: list[np.ndarray]) -> Var:
    sizes = np.array([len(m) for m in members])
    ascending, _ = ops.top_k(_grouped(x, members, np.inf), constant(np.array([sizes.max()])), largest=0)
    flat = ops.reshape(ascending, constant(np.array([-1, len(members) * int(sizes.max())])))
    start = np.arange(len(members)) * sizes.max()
    lower, upper = (ops.gather(flat, constant(start + middle), axis=1) for middle in ((sizes - 1) // 2, sizes // 2))
    middle = ops.div(ops.add(lower, upper), constant_like(x, 2.0))
    return ops.where(constant(sizes % 2 == 1), lower, middle)

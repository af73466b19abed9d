"""Trees with linear models in their leaves (`linear_tree`)."""

from __future__ import annotations

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.trees import leaf_table
from ...graph.values import constant, constant_like, dtype_of
from .model import Model
from .trees import ZERO, Linear


def linear_sum(model: Model, x: Var, index: Var, *, sparse: bool) -> Var:
    """The sum of the leaves' models for each output, [N, K]. x: [N, F]. index: int64 [N, T], see `graph.trees.leaf_index`.

    A model adds its terms to its constant one by one; where one of its features is missing, the leaf's plain value counts.
    Source: `Tree::Predict`.
    """
    if not sparse:  # see `trees.trees`
        x = ops.where(ops.less_or_equal(ops.abs(x), constant_like(x, ZERO)), constant_like(x, 0), x)
    x = ops.pad(x, constant([0, 0, 0, 1], np.int64))  # a column of zeros, for the terms that a leaf lacks
    constants, features, coefficients = _tables(model)
    leaf = ops.reshape(index, constant([-1], np.int64))

    def of_leaf(table: np.ndarray) -> Var:
        """`table[index]`, [N, T]. GatherElements is more than twice as fast as Gather here."""
        return ops.reshape(ops.gather_elements(constant(table), leaf), constant([-1, len(model.trees)], np.int64))

    total, without = of_leaf(constants.astype(dtype_of(x))), constant([[False]])
    for feature, coefficient in zip(features, coefficients, strict=True):
        value = ops.gather_elements(x, of_leaf(feature), axis=1)
        without = ops.or_(without, ops.isnan(value))
        total = ops.add(total, ops.mul(of_leaf(coefficient.astype(dtype_of(x))), value))
    plain = of_leaf(leaf_table(model.trees)[:, 0].astype(dtype_of(x)))
    return _by_output(ops.where(without, plain, total), len(model.trees) // model.n_outputs, model.n_outputs)


def _tables(model: Model) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Over the leaves of all trees: the constants [L], and the features and coefficients of the first, second ... terms, [t, L].

    A leaf with fewer terms has more of 0 times the column after the last. A plain tree's leaves are constants.
    """
    models = [m or Linear.plain(leaf_table([t])[:, 0]) for m, t in zip(model.linear, model.trees, strict=True)]
    constants = np.concatenate([m.constant for m in models])
    count = np.concatenate([m.count for m in models])
    terms = np.arange(count.max(initial=0))[:, None] < count
    features, coefficients = np.full(terms.shape, model.n_features), np.zeros(terms.shape)
    features.T[terms.T] = np.concatenate([m.features for m in models])
    coefficients.T[terms.T] = np.concatenate([m.coefficients for m in models])
    return constants, features, coefficients


def _by_output(values: Var, n_rounds: int, n_outputs: int) -> Var:
    """(t0 + t1) + ... for each output, [N, K]. values: [N, T], tree t for output t % K.

    ReduceSum over the first of several axes adds slice by slice, in order (see `graph.trees.leaf_sum`).
    """
    rounds = ops.reshape(values, constant([-1, n_rounds, n_outputs], np.int64))
    return ops.reduce_sum(ops.transpose(rounds, perm=[1, 0, 2]), constant([0], np.int64), keepdims=0)

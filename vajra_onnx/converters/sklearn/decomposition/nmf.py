"""sklearn.decomposition._nmf: the weights of fixed components that rebuild a row, found by iteration.

The iteration stops on a measure of the whole batch, and multiplicative updates start at its mean, so that a row's answer depends
on the rows around it, in the original as in the graph.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from sklearn.decomposition import NMF, MiniBatchNMF
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.loops import iterate
from ....graph.refuse import refuse_where
from ....graph.values import cast, constant, constant_like, dtype_of
from ...registry import converts
from ..arrays import column
from .multiplicative import Updates

COLUMNS = np.array([1])
SCALAR = np.empty(0, np.int64)


@converts(NMF)
def nmf(model: NMF, block: Block) -> Block:
    """Source: NMF.transform. [N, K] in the dtype of x, which has to be that of the components."""
    x, components = block.floats(), model.components_
    if dtype_of(x) != working(components.dtype):
        raise UnsupportedError("NMF", expected=f"{components.dtype} columns, as it was fitted on", got=str(dtype_of(x)))
    x = refuse_where(x, ops.less(x, constant_like(x, 0.0)), "NMF: expected no negative numbers, got one")
    if model.solver == "cd":
        return Block.matrix_of(_coordinate_descent(model, x), len(components))
    updates = Updates.of(model, sparse=block.sparse)
    if updates.beta <= 0:
        message = "NMF: expected no zeros, as beta_loss is not above 0, got one"
        x = refuse_where(x, ops.equal(x, constant_like(x, 0.0)), message)
    return Block.matrix_of(updates.until_error_stays(x, model.max_iter, model.tol), len(components))


@converts(MiniBatchNMF)
def mini_batch_nmf(model: MiniBatchNMF, block: Block) -> Block:
    """Source: MiniBatchNMF.transform, which allows negative numbers, and refuses what they make infinite or undefined."""
    updates = Updates.of(model, sparse=block.sparse)
    weights = updates.until_weights_stay(block.floats(), model._transform_max_iter, model.tol)
    undefined = ops.or_(ops.isnan(weights), ops.isinf(weights))
    weights = refuse_where(weights, undefined, "MiniBatchNMF: expected rows with finite weights, got one without")
    return Block.matrix_of(weights, len(model.components_))


def _coordinate_descent(model: NMF, x: Var) -> Var:
    """Sweeps until the gradients of the batch have shrunk to `tol` of those of the first. Source: _fit_coordinate_descent."""
    components = np.ascontiguousarray(model.components_.T)
    count = components.shape[1]
    l1, _, l2, _ = model._compute_regularization(np.empty((0, len(components))))
    gram = np.dot(components.T, components)
    gram.flat[:: count + 1] += l2
    target = ops.sub(ops.matmul(x, constant_like(x, components)), constant_like(x, l1))
    orders = _orders(model, count)
    shapes = [[-1, count], [1]]

    def sweep(number: Var, states: list[Var]) -> tuple[Var, list[Var]]:
        weights, first = states
        row = ops.mod(number, constant(np.int64(len(orders))))
        order = ops.reshape(ops.gather(constant(orders), row, axis=0), constant([count]))
        step = partial(_to_best, count, order, target, constant_like(x, gram))
        weights, violation = iterate(count, [weights, constant_like(x, [0.0])], shapes, step)
        violation = cast(violation, working(np.float64))
        first = ops.where(ops.equal(number, constant(np.int64(0))), violation, first)
        shrunk = ops.less_or_equal(ops.div(violation, first), constant_like(first, model.tol))
        return ops.not_(ops.or_(shrunk, ops.equal(first, constant_like(first, 0.0)))), [weights, first]

    weights = ops.mul(ops.matmul(ops.sub(x, x), constant_like(x, components)), constant_like(x, 0.0))
    return iterate(model.max_iter, [weights, constant([0.0], working(np.float64))], shapes, sweep)[0]


def _orders(model: NMF, count: int) -> np.ndarray:
    """The order of the components in every sweep: [1 or max_iter, K]."""
    if not model.shuffle:
        return np.arange(count).reshape(1, -1)
    if not isinstance(model.random_state, int | np.integer):
        raise UnsupportedError("NMF(shuffle=True)", expected="an integer random_state", got=repr(model.random_state))
    rng = np.random.RandomState(model.random_state)
    return np.stack([rng.permutation(count) for _ in range(model.max_iter)])


def _to_best(size: int, order: Var, target: Var, gram: Var, place: Var, states: list[Var]) -> tuple[Var, list[Var]]:
    """One component's weights moved to the minimum, at least 0; the sizes of the gradients join the sum, row after row.

    Source: _update_cdnmf_fast. Sums run over the components in their order, with -target in front.
    """
    weights, violation = states
    chosen = ops.gather(order, ops.reshape(place, constant(SCALAR)), axis=0)
    curvatures = ops.gather(gram, chosen, axis=0)
    curvature = ops.gather(curvatures, chosen, axis=0)
    old = ops.gather(weights, chosen, axis=1)
    zero = constant_like(weights, 0.0)
    start = ops.unsqueeze(ops.neg(ops.gather(target, chosen, axis=1)), constant(COLUMNS))
    terms = ops.concat([start, ops.mul(curvatures, weights)], axis=1)
    gradient = column(ops.cumsum(terms, constant(1)), size)
    downwards = ops.where(ops.less(gradient, zero), gradient, zero)
    projected = ops.where(ops.equal(old, zero), downwards, gradient)
    sizes = ops.cumsum(ops.concat([violation, ops.abs(projected)], axis=0), constant(0))
    violation = ops.gather(sizes, constant([-1]), axis=0)
    moved = ops.sub(old, ops.div(gradient, curvature))
    best = ops.where(ops.less(moved, zero), zero, moved)
    best = ops.where(ops.equal(curvature, zero), old, best)
    here = ops.equal(constant(np.arange(size)), chosen)
    return constant(np.array(True)), [ops.where(here, ops.unsqueeze(best, constant(COLUMNS)), weights), violation]

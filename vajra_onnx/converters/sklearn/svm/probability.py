"""libsvm's probabilities: a sigmoid for each pair of classes, and the iteration that couples them (svm.cpp)."""

from __future__ import annotations

import numpy as np
from spox import Var

from ....graph import ops
from ....graph.values import constant, constant_like

MIN_PROBABILITY = 1e-7


def pairs(classes: int) -> list[tuple[int, int]]:
    """The pairs of classes in libsvm's order: (0, 1), (0, 2), ..., (1, 2), ..."""
    return [(i, j) for i in range(classes) for j in range(i + 1, classes)]


def predict_probability(decision: Var, prob_a: np.ndarray, prob_b: np.ndarray, classes: int) -> Var:
    """decision: [N, P] of libsvm's sign, prob_a, prob_b: [P] -> [N, K]. Source: svm_predict_probability."""
    f = ops.add(ops.mul(decision, constant_like(decision, prob_a)), constant_like(decision, prob_b))
    one = constant_like(f, 1.0)
    e = ops.exp(ops.neg(ops.abs(f)))
    p = ops.div(ops.where(ops.greater_or_equal(f, constant_like(f, 0.0)), e, one), ops.add(one, e))
    p = ops.where(ops.isnan(p), constant_like(p, MIN_PROBABILITY), p)  # C's comparison with NaN is false
    p = ops.clip(p, constant_like(p, MIN_PROBABILITY), constant_like(p, 1 - MIN_PROBABILITY))
    return _couple(_square(p, classes), classes)


def _square(p: Var, classes: int) -> Var:
    """r[i, j], the probability of class i against class j, with zeros on the diagonal. [N, P] -> [N, K, K]."""
    places = np.full((classes, classes), 2 * len(pairs(classes)))
    for k, (i, j) in enumerate(pairs(classes)):
        places[i, j], places[j, i] = k, k + len(pairs(classes))
    opposite = ops.sub(constant_like(p, 1.0), p)
    nothing = ops.sub(*[ops.slice(p, constant([0]), constant([1]), constant([1]))] * 2)
    values = ops.gather(ops.concat([p, opposite, nothing], axis=1), constant(places.ravel()), axis=1)
    return ops.reshape(values, constant(np.array([-1, classes, classes])))


def _couple(r: Var, k: int) -> Var:
    """The distribution that agrees best with r. Source: multiclass_probability, method 2 of Wu, Lin and Weng (2004).

    The iteration stops at an error of 0.005 / K, far from its limit, so the graph iterates too: all rows at once, each of
    them left alone from the step on at which libsvm would have stopped.
    """
    eye = np.eye(k)
    squares = ops.unsqueeze(_ordered_sum(ops.mul(r, r), 1, k), constant(np.array([1])))
    crossed = ops.neg(ops.mul(ops.transpose(r, perm=[0, 2, 1]), r))
    q = ops.add(crossed, ops.mul(squares, constant_like(r, eye)))
    rows = [ops.gather(q, constant(t), axis=1) for t in range(k)]
    diagonal = [ops.slice(row, constant([t]), constant([t + 1]), constant([1])) for t, row in enumerate(rows)]
    one, two = constant_like(r, 1.0), constant_like(r, 2.0)

    def step(_: Var, __: Var, p: Var) -> list[Var]:
        p = ops.reshape(p, constant(np.array([-1, k])))
        qp = _ordered_sum(ops.mul(q, ops.unsqueeze(p, constant(np.array([1])))), 2, k)
        pqp = ops.unsqueeze(_ordered_sum(ops.mul(p, qp), 1, k), constant(np.array([1])))
        error = ops.reduce_max(ops.abs(ops.sub(qp, pqp)), constant(np.array([1])))
        moving = ops.greater_or_equal(error, constant_like(p, 0.005 / k))
        new = p
        for t in range(k):
            qp_t = ops.slice(qp, constant([t]), constant([t + 1]), constant([1]))
            diff = ops.div(ops.add(ops.neg(qp_t), pqp), diagonal[t])
            scale = ops.add(one, diff)
            new = ops.div(ops.add(new, ops.mul(diff, constant_like(p, eye[t]))), scale)
            growth = ops.mul(diff, ops.add(ops.mul(diff, diagonal[t]), ops.mul(two, qp_t)))
            pqp = ops.div(ops.div(ops.add(pqp, growth), scale), scale)
            qp = ops.div(ops.add(qp, ops.mul(diff, rows[t])), scale)
        any_moving = ops.reduce_max(ops.cast(moving, to=np.int64), keepdims=0)
        return [ops.cast(ops.reshape(any_moving, constant(np.array([1]))), to=np.bool_), ops.where(moving, new, p)]

    start = ops.add(ops.mul(rows[0], constant_like(r, 0.0)), constant_like(r, 1.0 / k))
    limit, go = constant(np.array([max(100, k)])), constant(np.array([True]))
    return ops.reshape(ops.loop(limit, go, [start], body=step)[0], constant(np.array([-1, k])))


def _ordered_sum(terms: Var, axis: int, size: int) -> Var:
    """The sum over an axis from first to last, as a C loop adds; that axis disappears."""
    return ops.gather(ops.cumsum(terms, constant(axis)), constant(size - 1), axis=axis)

"""sklearn.decomposition._lda: how much of each topic there is in a document, found by iteration, each row for itself."""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import LatentDirichletAllocation
from spox import Var

from ....graph import ops
from ....graph.block import Block, working
from ....graph.loops import iterate
from ....graph.refuse import refuse_where
from ....graph.values import cast, constant, constant_like, dtype_of
from ...registry import converts
from ..arrays import as_columns, pairwise_sums

EULER = 0.577215664901532860606512090082402431


@converts(LatentDirichletAllocation)
def latent_dirichlet_allocation(model: LatentDirichletAllocation, block: Block) -> Block:
    """Source: _update_doc_distribution. A row stops where its topics change by less than the tolerance; [N, K].

    The words that a document does not have are left in: they add 0.
    """
    words = model.exp_dirichlet_component_
    topics = len(words)
    x = block.matrix(words.dtype)
    wrong = ops.or_(ops.less(x, constant_like(x, 0.0)), ops.isinf(x))
    x = refuse_where(x, wrong, "LatentDirichletAllocation: expected no negative and no infinite numbers, got one")
    eps = constant_like(x, np.finfo(words.dtype).eps)
    to_words, to_topics = (constant(np.ascontiguousarray(w), working(np.float64)) for w in (words, words.T))

    def update(_: Var, states: list[Var]) -> tuple[Var, list[Var]]:
        old, old_shares, going = states
        expected = ops.add(_product(old_shares, to_words), eps)
        new = ops.mul(old_shares, _product(ops.div(x, expected), to_topics))
        new = ops.add(new, constant_like(x, model.doc_topic_prior_))
        shares = _shares(new, topics)
        sizes = cast(ops.abs(ops.sub(old, new)), working(np.float64))
        change = ops.div(_row_sum(sizes, topics), constant_like(sizes, topics))
        fresh = [ops.where(going, new, old), ops.where(going, shares, old_shares)]
        going = ops.and_(going, ops.not_(ops.less(change, constant_like(change, model.mean_change_tol))))
        return _any(going), [*fresh, going]

    nothing = _product(ops.sub(x, x), to_topics)
    start = ops.add(nothing, constant_like(x, 1.0))
    going = ops.equal(ops.reduce_max(nothing, constant([1])), constant_like(x, 0.0))
    shapes = [[-1, topics], [-1, topics], [-1, 1]]
    found = iterate(model.max_doc_update_iter, [start, _shares(start, topics), going], shapes, update)[0]
    return Block.matrix_of(ops.div(found, as_columns(pairwise_sums(found, topics))), topics)


def _product(x: Var, weights: Var) -> Var:
    """x @ weights, rounded once."""
    return cast(ops.matmul(cast(x, dtype_of(weights)), weights), dtype_of(x))


def _shares(counts: Var, topics: int) -> Var:
    """exp(psi(counts) - psi(their sum)). Source: _dirichlet_expectation_1d."""
    whole = _psi(_row_sum(counts, topics))
    exponent = ops.sub(_psi(counts), whole)
    return cast(ops.exp(cast(exponent, working(np.float64))), dtype_of(counts))


def _psi(x: Var) -> Var:
    """The digamma function of positive numbers, as the original approximates it: computed in float64, kept in the type of x.

    Source: psi of _online_lda_fast.pyx, after algorithm AS 103.
    """
    kind, wide = dtype_of(x), working(np.float64)
    one = constant(1.0, wide)

    def kept(value: Var) -> Var:
        return cast(cast(value, kind), wide)

    given = cast(x, wide)
    moved, result = given, ops.mul(given, constant(0.0, wide))
    for _ in range(6):
        small = ops.less(moved, constant(6.0, wide))
        result = ops.where(small, kept(ops.sub(result, ops.div(one, moved))), result)
        moved = ops.where(small, kept(ops.add(moved, one)), moved)
    r = kept(ops.div(one, moved))
    result = kept(ops.add(result, ops.sub(ops.log(moved), ops.mul(constant(0.5, wide), r))))
    r = kept(ops.mul(r, r))
    series = ops.sub(constant(1.0 / 120.0, wide), ops.mul(r, constant(1.0 / 252.0, wide)))
    series = ops.sub(constant(1.0 / 12.0, wide), ops.mul(r, series))
    result = kept(ops.sub(result, ops.mul(r, series)))
    near_zero = ops.sub(constant(-EULER, wide), ops.div(one, given))
    return cast(ops.where(ops.less_or_equal(given, constant(1e-6, wide)), near_zero, result), kind)


def _row_sum(x: Var, width: int) -> Var:
    """The sum of each row, from left to right: [N, width] -> [N, 1]."""
    return ops.gather(ops.cumsum(x, constant(1)), constant([width - 1]), axis=1)


def _any(x: Var) -> Var:
    return ops.greater(ops.reduce_max(cast(x, np.int32), keepdims=0), constant(np.int32(0)))

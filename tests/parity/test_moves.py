"""Where terms cancel, the original's own answers to rows moved by a few ulp say how many digits there are to be right about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor
from sklearn.kernel_approximation import Nystroem
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import vajra_onnx as vo
from vajra_onnx.graph import ops
from vajra_onnx.graph.block import Block
from vajra_onnx.graph.values import constant, constant_like
from vajra_onnx.parity.proof import Proof

Prove = Callable[..., Proof]
X, Y = load_diabetes(return_X_y=True)


# Columns that are nearly equal: their alternating sum is a hundred thousandth of its terms.
RNG = np.random.default_rng(0)
ALIKE = RNG.uniform(1, 2, (200, 1)) + 1e-5 * RNG.normal(size=(200, 6))


class Sum(BaseEstimator):
    """A weighted sum, from left to right."""

    def __init__(self, coef: Any = None) -> None:
        self.coef = coef

    def predict(self, x: Any) -> np.ndarray:
        return np.asarray(np.cumsum(np.asarray(x) * self.coef, axis=1)[:, -1])


@vo.converts(Sum)
def weighted_sum(model: Sum, block: Block) -> Any:
    """In another order, as a matrix product may add."""
    x = block.matrix()
    terms = ops.mul(x, constant_like(x, model.coef))
    order = constant(np.arange(block.width)[::-1].copy())
    return {"predict": ops.reduce_sum(ops.gather(terms, order, axis=1), constant([1]), keepdims=0)}


CANCELS = Sum(np.array([1e3, -1e3, 2e3, -2e3, 3e3, -3e3]))


def test_digits_that_cancelled_are_ties(proof_of: Prove) -> None:
    certificate = proof_of(CANCELS, ALIKE).certificate
    assert certificate.passed
    assert 0 < certificate.outputs[0].ties < certificate.rows / 2


def test_an_error_beyond_the_range_fails(proof_of: Prove) -> None:
    assert not proof_of(CANCELS, ALIKE, planted=Sum(CANCELS.coef * (1 + 1e-10))).certificate.passed


def test_where_nothing_cancels_there_is_no_range_to_hide_in(proof_of: Prove) -> None:
    plain = Sum(np.ones(6))
    assert proof_of(plain, ALIKE).certificate.outputs[0].ties == 0
    certificate = proof_of(plain, ALIKE, planted=Sum(np.full(6, 1 + 3e-12))).certificate
    assert certificate.outputs[0].outside > len(ALIKE) / 2


def test_a_jump_to_another_leaf_is_no_range(proof_of: Prove) -> None:
    model = make_pipeline(StandardScaler(), RandomForestRegressor(5, random_state=0)).fit(X, Y)
    other = make_pipeline(StandardScaler(), RandomForestRegressor(5, random_state=1)).fit(X, Y)
    assert not proof_of(model, X, planted=other).certificate.passed


def test_rounding_beyond_the_range_is_not_excused(proof_of: Prove) -> None:
    """The original's float32 sums are off by tens of ulp, which moving its rows by 8 ulp does not show: the proof fails."""
    x = np.random.default_rng(0).normal(size=(120, 5)).astype(np.float32)
    certificate = proof_of(Nystroem(random_state=0).fit(x), x).certificate
    assert not certificate.passed
    assert certificate.outputs[0].ties > 0

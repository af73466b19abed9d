"""The multiplicative updates of sklearn.decomposition._nmf, for every beta loss, with the components fixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from spox import Var

from ....graph import ops
from ....graph.block import working
from ....graph.loops import iterate
from ....graph.values import cast, constant, constant_like, dtype_of
from ..totals import total

EPSILON = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class Updates:
    """components: [K, F]. l1, l2: the penalties, scaled. sparse: the original gets a sparse matrix, and divides in float64."""

    components: np.ndarray
    beta: float
    l1: float
    l2: float
    sparse: bool

    @staticmethod
    def of(model: Any, *, sparse: bool) -> Updates:
        """As the parameters of the model say."""
        l1, _, l2, _ = model._compute_regularization(np.empty((0, model.components_.shape[1])))
        return Updates(model.components_, float(model._beta_loss), float(l1), float(l2), sparse)

    @property
    def gamma(self) -> float:
        """The exponent of a step, which keeps the loss from growing."""
        if self.beta < 1:
            return 1.0 / (2.0 - self.beta)
        return 1.0 / (self.beta - 1.0) if self.beta > 2 else 1.0

    def until_error_stays(self, x: Var, limit: int, tol: float) -> Var:
        """Until ten steps have lowered the batch's error by less than `tol` of the first. Source: _fit_multiplicative_update.

        The original adds the l1 penalty to the sums of the components in place, so that under the Kullback-Leibler loss it
        grows with every step.
        """
        count = len(self.components)
        start = self._at_mean(x)
        error = self._error(x, start)

        def step(number: Var, states: list[Var]) -> tuple[Var, list[Var]]:
            weights, sums, previous = states
            sums = ops.add(sums, constant_like(sums, self.l1))
            weights = self._next(x, weights, sums)
            if self.beta < 1:
                weights = _at_least(weights, float(np.finfo(np.float64).eps), 0.0)
            if not tol:
                return constant(np.array(True)), [weights, sums, previous]
            asked = ops.equal(ops.mod(number, constant(np.int64(10))), constant(np.int64(9)))
            now = ops.if_(asked, then_branch=lambda: [self._error(x, weights)], else_branch=lambda: [ops.identity(previous)])[0]
            now = ops.reshape(now, constant([1]))
            gain = ops.div(ops.sub(previous, now), error)
            stays = ops.and_(asked, ops.less(gain, constant_like(gain, tol)))
            return ops.not_(stays), [weights, sums, now]

        sums = constant_like(x, self.components.sum(axis=1).reshape(1, -1))
        return iterate(limit, [start, sums, error], [[-1, count], [1, count], [1]], step)[0]

    def until_weights_stay(self, x: Var, limit: int, tol: float) -> Var:
        """Until a step changes the batch's weights by at most `tol` of their norm. Source: MiniBatchNMF._solve_W."""
        count = len(self.components)
        sums = constant(self.components.sum(axis=1).reshape(1, -1) + self.l1, working(self.components.dtype))

        def step(_: Var, states: list[Var]) -> tuple[Var, list[Var]]:
            new = self._next(x, states[0], sums)
            if not tol:
                return constant(np.array(True)), [new]
            change = ops.div(_norm(ops.sub(new, states[0])), _norm(new))
            return ops.not_(ops.less_or_equal(change, constant_like(change, tol))), [new]

        return iterate(limit, [self._at_mean(x)], [[-1, count]], step)[0]

    def _at_mean(self, x: Var) -> Var:
        """Every weight sqrt(mean(x) / K): [N, K]."""
        mean = ops.div(total(x), cast(ops.size(x), dtype_of(x)))
        value = ops.sqrt(ops.div(mean, constant_like(x, len(self.components))))
        shape = ops.concat([ops.shape(x, start=0, end=1), constant([len(self.components)])], axis=0)
        return ops.reshape(ops.expand(value, shape), constant([-1, len(self.components)]))

    def _next(self, x: Var, weights: Var, sums: Var) -> Var:
        """One step. sums: [1, K], those of the components with the l1 penalty. Source: _multiplicative_update_w."""
        wide = np.result_type(dtype_of(x), working(self.components.dtype))
        w, h = cast(weights, wide), constant(self.components, wide)
        if self.beta == 2:
            numerator = ops.matmul(cast(x, wide), ops.transpose(h))
            denominator = ops.matmul(w, constant(np.dot(self.components, self.components.T), wide))
        else:
            products = ops.matmul(w, h)
            wide = working(np.float64) if self.sparse else wide
            ratio = self._ratio(cast(x, wide), cast(products, wide))
            numerator = ops.matmul(ratio, constant(self.components.T, wide))
            denominator = cast(sums, wide)
            if self.beta != 1:
                powers = power(_at_least(products, EPSILON, EPSILON) if self.beta < 1 else products, self.beta - 1)
                denominator = cast(ops.matmul(powers, ops.transpose(h)), wide)
        if self.l1 and self.beta != 1:
            denominator = ops.add(denominator, constant_like(denominator, self.l1))
        if self.l2:
            denominator = ops.add(denominator, cast(ops.mul(constant_like(w, self.l2), w), wide))
        empty = ops.equal(denominator, constant_like(denominator, 0.0))
        factor = ops.div(numerator, ops.where(empty, constant_like(denominator, EPSILON), denominator))
        return cast(ops.mul(cast(weights, wide), power(factor, self.gamma)), dtype_of(x))

    def _ratio(self, x: Var, products: Var) -> Var:
        """x * products ** (beta - 2), as the original takes it apart."""
        safe = _at_least(products, EPSILON, EPSILON) if self.beta < 2 else products
        if self.beta == 1:
            return ops.div(x, safe)
        if self.beta == 0:
            return ops.mul(power(power(safe, -1.0), 2.0), x)
        return ops.mul(power(safe, self.beta - 2), x)

    def _error(self, x: Var, weights: Var) -> Var:
        """sqrt(2 * the beta divergence) of the batch: [1], in the dtype of x. Source: _beta_divergence."""
        products = ops.matmul(weights, constant_like(x, self.components))
        if self.beta == 2:
            return _norm(ops.sub(x, products))
        kept = ops.greater(x, constant_like(x, EPSILON))
        one = constant_like(x, 1.0)
        safe = ops.where(kept, _at_least(products, EPSILON, EPSILON), one)
        data = ops.where(kept, x, one)
        ratio = ops.div(data, safe)
        if self.beta == 1:
            logs = _total(ops.where(kept, ops.mul(data, ops.log(ratio)), constant_like(x, 0.0)))
            whole = _total(ops.mul(weights, constant_like(x, self.components.sum(axis=1))))
            loss = ops.add(logs, ops.sub(whole, _total(ops.where(kept, x, constant_like(x, 0.0)))))
        elif self.beta == 0:
            terms = ops.sub(ops.sub(ratio, one), ops.log(ratio))
            loss = _total(ops.where(kept, terms, ops.neg(one)))
        else:
            b = self.beta
            zero = constant_like(x, 0.0)
            cross = _total(ops.where(kept, ops.mul(data, power(safe, b - 1)), zero))
            own = _total(ops.where(kept, power(data, b), zero))
            whole = _total(power(products, b))
            loss = ops.add(ops.sub(own, _times(cross, b)), _times(whole, b - 1))
            loss = ops.div(loss, constant_like(loss, b * (b - 1)))
        return cast(ops.sqrt(_times(ops.max([loss, constant_like(loss, 0.0)]), 2.0)), dtype_of(x))


def power(x: Var, exponent: float) -> Var:
    """x ** exponent of numpy, which multiplies, divides or takes a root where that is all there is to it."""
    if exponent == 1:
        return x
    if exponent == 2:
        return ops.mul(x, x)
    if exponent == 0.5:
        return ops.sqrt(x)
    if exponent == -1:
        return ops.div(constant_like(x, 1.0), x)
    return ops.pow(x, constant_like(x, exponent))


def _times(x: Var, factor: float) -> Var:
    return ops.mul(x, constant_like(x, factor))


def _at_least(x: Var, limit: float, value: float) -> Var:
    """`value` where x is below the limit."""
    return ops.where(ops.less(x, constant_like(x, limit)), constant_like(x, value), x)


def _total(x: Var) -> Var:
    """The sum of all numbers, [1] in float64."""
    return ops.reshape(ops.reduce_sum(cast(x, working(np.float64)), keepdims=0), constant([1]))


def _norm(x: Var) -> Var:
    """numpy's norm of all numbers, [1]: squares overflow in the dtype of x."""
    total = ops.reduce_sum(cast(ops.mul(x, x), working(np.float64)), keepdims=0)
    return ops.reshape(ops.sqrt(cast(total, dtype_of(x))), constant([1]))

"""sklearn.preprocessing._polynomial: products of columns, and splines."""

from __future__ import annotations

from itertools import combinations, combinations_with_replacement

import numpy as np
from sklearn.preprocessing import PolynomialFeatures, SplineTransformer
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.refuse import refuse_where
from ....graph.values import cast, concat, constant, constant_like
from ...registry import converts
from .bsplines import basis, mixed, spread


@converts(PolynomialFeatures)
def polynomial_features(model: PolynomialFeatures, block: Block) -> Block:
    """All products of up to `degree` columns, each computed from a product of one column less.

    Arrays multiply the product of the later columns by the first one, sparse matrices that of the earlier columns by the last
    one; for three factors and more this decides the last bit.
    """
    x = block.floats()
    lowest, highest = model._min_degree, model._max_degree
    choose = combinations if model.interaction_only else combinations_with_replacement
    products = x
    before: dict[tuple[int, ...], int] = {(i,): i for i in range(block.width)}
    parts = [x] if lowest <= 1 <= highest else []
    for degree in range(2, highest + 1):
        terms = list(choose(range(block.width), degree))
        if not terms:
            break
        rest, factor = (slice(-1), -1) if block.sparse else (slice(1, None), 0)
        products = ops.mul(_take(products, [before[t[rest]] for t in terms]), _take(x, [t[factor] for t in terms]))
        before = {term: i for i, term in enumerate(terms)}
        if degree >= lowest:
            parts.append(products)
    if not parts and not model.include_bias:
        raise UnsupportedError("PolynomialFeatures without a single column", got=f"degree={model.degree!r}")
    together = concat(parts or [ops.slice(x, constant([0]), constant([0]), constant([1]))])
    if model.include_bias:
        together = ops.pad(together, constant([0, 1, 0, 0]), constant_like(together, 1.0))
    return Block.matrix_of(together, model.n_output_features_, sparse=block.sparse)


def _take(x: Var, columns: list[int]) -> Var:
    return ops.gather(x, constant(np.array(columns, np.int64)), axis=1)


@converts(SplineTransformer)
def spline_transformer(model: SplineTransformer, block: Block) -> Block:
    """The values of every column's basis functions, all in float64; float32 data is answered in float32, if not as sparse.

    A missing value has zeros everywhere; the session refuses it where the model was fitted with handle_missing="error".
    """
    x = block.matrix(np.float64)
    knots = np.stack([spline.t for spline in model.bsplines_])
    size, count = model.bsplines_[0].c.shape
    _check(model, block)
    if model.extrapolation in ("constant", "linear"):
        values = _with_edges(model, x, knots, size, count)
    else:
        within = _period(x, knots, model.degree) if model.extrapolation == "periodic" else x
        if model.extrapolation == "error":
            low, high = constant_like(x, knots[:, model.degree]), constant_like(x, knots[:, -model.degree - 1])
            wrong = ops.or_(ops.less(x, low), ops.greater(x, high))
            within = refuse_where(x, wrong, "SplineTransformer: expected numbers within the knots, got one beyond them")
        values, first = basis(within, knots, model.degree)
        background = None
        if model.extrapolation == "continue" and not model.sparse_output:
            values, background = mixed(values)
        values = spread(values, first, size, count, background)
        if model.extrapolation == "periodic":  # there is no rest of an infinity
            values = ops.where(ops.unsqueeze(ops.isnan(within), constant([2])), constant_like(x, np.nan), values)
        missing = ops.unsqueeze(ops.isnan(x), constant([2]))
        values = ops.where(missing, constant_like(x, 0.0), values)
    if not model.include_bias:
        values = ops.slice(values, constant([0]), constant([count - 1]), constant([2]))
    width = block.width * (count - (not model.include_bias))
    single = block.dtype == np.float32 and not model.sparse_output
    flat = cast(ops.reshape(values, constant([-1, width])), np.float32 if single else working(np.float64))
    return Block.matrix_of(flat, width, sparse=model.sparse_output)


def _check(model: SplineTransformer, block: Block) -> None:
    """scikit-learn 1.9 clears the splines of a missing number in the wrong columns of a sparse matrix, from the second on."""
    if model.bsplines_[0].c.shape[1] == 1 and not model.include_bias:
        raise UnsupportedError("SplineTransformer without a single column", hint="set include_bias=True")
    batchwise = model.sparse_output and model.extrapolation in ("continue", "error", "periodic")
    if batchwise and model.handle_missing == "zeros" and block.width > 1:
        raise UnsupportedError(
            f"SplineTransformer(sparse_output=True, handle_missing='zeros', extrapolation={model.extrapolation!r})",
            hint="scikit-learn takes a missing number for the smallest one of its batch; set sparse_output=False",
        )


def _period(x: Var, knots: np.ndarray, degree: int) -> Var:
    """x modulo the distance between the outer knots, as numpy's remainder; a column without any distance becomes 0."""
    start, period = knots[:, degree], knots[:, -degree - 1] - knots[:, degree]
    length = constant_like(x, np.where(period > 0, period, 1.0))
    rest = ops.mod(ops.sub(x, constant_like(x, start)), length, fmod=1)
    rest = ops.where(ops.less(rest, constant_like(x, 0.0)), ops.add(rest, length), rest)
    inside = ops.add(rest, constant_like(x, start))
    return ops.where(constant(period > 0), inside, constant_like(x, 0.0))


def _with_edges(model: SplineTransformer, x: Var, knots: np.ndarray, size: int, count: int) -> Var:
    """Between the outer knots the splines; beyond them a constant, or a line through the outer values. [N, F, count]."""
    ends, levels, slopes, outer = _edges(model, count)
    low, high = (constant_like(x, end) for end in ends)
    # A slice of the last 0 columns holds all of them: numpy broadcasts the edge to it where there is but one.
    if model.degree == 0 and model.extrapolation == "constant" and count > 1 and not model.sparse_output:
        x = refuse_where(x, ops.greater(x, high), "SplineTransformer of degree 0: expected numbers up to the last knot")
    inside = ops.and_(ops.greater_or_equal(x, low), ops.less_or_equal(x, high))
    splines = spread(*basis(ops.where(inside, x, low), knots, model.degree), size, count)
    deep, zero = ops.unsqueeze(x, constant([2])), constant_like(x, 0.0)
    values = ops.where(ops.unsqueeze(inside, constant([2])), splines, zero)
    for end, level, slope, touched, beyond in zip(ends, levels, slopes, outer, (ops.less, ops.greater), strict=True):
        line = constant_like(x, level)
        if model.extrapolation == "linear":
            distance = ops.sub(deep, constant_like(x, end[:, None]))
            line = ops.where(constant(touched), ops.add(line, ops.mul(distance, constant_like(x, slope))), zero)
        values = ops.where(beyond(deep, constant_like(x, end[:, None])), line, values)
    return values


def _edges(model: SplineTransformer, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The outer knots [2, F], the values and slopes [2, F, count] of the functions that go on beyond them, and which those are.

    For a degree below 2, scikit-learn's loop raises its own `degree` with each column of the linear mode, so that later
    columns end at an inner knot. The answers are the original's, so they do here, too.
    """
    degree, linear = model.degree, model.extrapolation == "linear"
    ends = np.zeros((2, len(model.bsplines_)))
    levels, slopes = np.zeros((2, 2, len(model.bsplines_), count))
    touched = np.zeros(levels.shape, bool)
    for i, spline in enumerate(model.bsplines_):
        ends[:, i] = spline.t[degree], spline.t[-degree - 1]
        degree += linear and degree <= 1
        last = 0 if degree == 0 and model.sparse_output else count - degree
        for side, outer in enumerate((slice(0, degree), slice(last, count))):
            touched[side, i, outer] = True
            levels[side, i, outer] = spline(ends[side, i])[outer]
            if linear:
                slopes[side, i, outer] = spline(ends[side, i], nu=1)[outer]
    return ends, levels, slopes, touched

"""sklearn.decomposition._dict_learning: sparse codes of rows on a fixed dictionary.

What is refused. lasso_cd stops when a gap falls below a tolerance, and lars and lasso_lars follow a path from one breakpoint
to the next: the number of their steps turns on the last bits of sums whose order is that of BLAS.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.decomposition import DictionaryLearning, MiniBatchDictionaryLearning, SparseCoder
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, constant_like, dtype_of
from ...registry import converts
from ..arrays import wider
from ..linear_systems import solve_positive


@converts(DictionaryLearning, MiniBatchDictionaryLearning, SparseCoder)
def sparse_coding(model: Any, block: Block) -> Block:
    """The code of every row, [N, K]; with `split_sign` its positive and its negative parts, [N, 2 K] in float64."""
    dictionary = np.asarray(model.dictionary if isinstance(model, SparseCoder) else model.components_)
    if dictionary.dtype not in (np.float32, np.float64):
        dictionary = dictionary.astype(np.float64)
    if model.transform_algorithm == "threshold":
        code = _threshold(model, block, dictionary)
    elif model.transform_algorithm == "omp" and not model.positive_code:
        code = _matching_pursuit(model, block, dictionary)
    else:
        got = f"{model.transform_algorithm!r}, positive_code={model.positive_code!r}"
        raise UnsupportedError("transform_algorithm", expected="'threshold', or 'omp' of any sign", got=got)
    if not model.split_sign:
        return Block.matrix_of(code, len(dictionary))
    zero = constant_like(code, 0.0)
    both = ops.concat([ops.max([code, zero]), ops.neg(ops.min([code, zero]))], axis=1)
    return Block.matrix_of(cast(both, working(np.float64)), 2 * len(dictionary))


def _threshold(model: Any, block: Block, dictionary: np.ndarray) -> Var:
    """sign(c) * max(|c| - alpha, 0) of the products c with the dictionary."""
    alpha = model.transform_alpha if model.transform_alpha is not None else getattr(model, "alpha", 1.0)
    products = wider(ops.matmul, block.floats(), dictionary.T)
    zero = constant_like(products, 0.0)
    left = ops.max([ops.sub(ops.abs(products), constant_like(products, alpha)), zero])
    code = ops.mul(ops.sign(products), left)
    return ops.max([code, zero]) if model.positive_code else code


def _matching_pursuit(model: Any, block: Block, dictionary: np.ndarray) -> Var:
    """Source: _gram_omp. Atoms enter one by one, the most correlated with the residual first; the code is solved anew each
    time. A row stops early where nothing is left to explain, or where the next atom depends on the chosen ones.

    Like the original, it keeps the atoms in an order with the chosen ones in front; the first of equal ones enters. Of float32
    data, systems and codes are float32, and so is the threshold below which nothing is left.
    """
    features, atoms = block.width, len(dictionary)
    count = model.transform_n_nonzero_coefs
    steps = int(min(max(features / 10, 1), atoms) if count is None else count)
    x = block.floats()
    kind = np.float32 if block.dtype == np.float32 else np.float64
    gram, least = np.dot(dictionary, dictionary.T).astype(kind), float(np.finfo(kind).eps)
    target = wider(ops.matmul, x, dictionary.T)
    nothing = cast(ops.mul(target, constant_like(target, 0.0)), dtype_of(x))
    order = ops.add(ops.cast(nothing, to=np.int64), constant(np.arange(atoms).reshape(1, -1)))
    active = ops.equal(ops.slice(order, constant([0]), constant([1]), constant([1])), constant(np.int64(0)))
    code, residual = nothing, target
    for step in range(steps):
        order, active = _enter(order, active, ops.abs(residual), step, least)
        chosen = ops.slice(order, constant([0]), constant([step + 1]), constant([1]))
        solution, pivot = _fit(gram, target, chosen, step + 1)
        active = ops.and_(active, ops.greater(pivot, constant_like(pivot, least if step else -1.0)))
        solution = cast(solution, dtype_of(x))
        fitted = ops.matmul(ops.unsqueeze(solution, constant([1])), ops.gather(constant_like(x, gram), chosen, axis=0))
        residual = ops.sub(target, cast(ops.squeeze(fitted, constant([1])), dtype_of(target)))
        code = ops.where(active, ops.scatter_elements(nothing, chosen, solution, axis=1), code)
    return code


def _enter(order: Var, active: Var, sizes: Var, step: int, least: float) -> tuple[Var, Var]:
    """The order after the most correlated atom has changed places with the one at `step`, and the rows that go on."""
    arranged = ops.gather_elements(sizes, order, axis=1)
    place = ops.arg_max(arranged, axis=1, keepdims=1)
    largest = ops.gather_elements(arranged, place, axis=1)
    enough = ops.greater_or_equal(ops.mul(largest, largest), constant_like(sizes, least))
    fresh = ops.greater_or_equal(place, constant(np.int64(step)))
    here = ops.add(ops.mul(place, constant(np.int64(0))), constant(np.int64(step)))
    entering, leaving = ops.gather_elements(order, place, axis=1), ops.gather_elements(order, here, axis=1)
    swapped = ops.scatter_elements(ops.scatter_elements(order, place, leaving, axis=1), here, entering, axis=1)
    return swapped, ops.and_(active, ops.and_(enough, fresh))


def _fit(gram: np.ndarray, target: Var, chosen: Var, size: int) -> tuple[Var, Var]:
    """The least squares code on the chosen atoms, and the last pivot, in float64. chosen: [N, size] -> [N, size], [N, 1]."""
    right = cast(cast(target, working(gram.dtype)), working(np.float64))
    rows = ops.unsqueeze(ops.mul(chosen, constant(np.int64(len(gram)))), constant([2]))
    places = ops.add(rows, ops.unsqueeze(chosen, constant([1])))
    matrices = ops.gather(constant_like(right, gram.ravel()), places, axis=0)
    return solve_positive(matrices, ops.gather_elements(right, chosen, axis=1), size)

"""sklearn.preprocessing._polynomial: products of columns."""

from __future__ import annotations

from itertools import combinations, combinations_with_replacement

import numpy as np
from sklearn.preprocessing import PolynomialFeatures
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block
from ....graph.values import concat, constant, constant_like
from ...registry import converts


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
    if not parts:
        raise UnsupportedError("PolynomialFeatures without a single product", got=f"degree={model.degree!r}")
    together = concat(parts)
    if model.include_bias:
        together = ops.pad(together, constant([0, 1, 0, 0]), constant_like(together, 1.0))
    return Block.matrix_of(together, model.n_output_features_, sparse=block.sparse)


def _take(x: Var, columns: list[int]) -> Var:
    return ops.gather(x, constant(np.array(columns, np.int64)), axis=1)

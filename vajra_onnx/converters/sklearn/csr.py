"""What scikit-learn does to the entries of a sparse matrix in place: the numbers keep their type and their order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...graph import ops
from ...graph.block import Block, working
from ...graph.entries import Entries, entries_of, total
from ...graph.values import cast, constant, constant_like, dtype_of


def as_entries(block: Block) -> Entries:
    """`csr_array(X)`: the entries in the float type in which scikit-learn computes."""
    entries = block.entries(block.float_dtype)
    return entries_of(block.floats(), block.width) if entries is None else entries


def scaled(entries: Entries, factors: np.ndarray) -> Entries:
    """Each column times its factor: in the wider of the two types, rounded to that of the entries. factors: [width].

    Source: `X.data *= factors[X.indices]` of TfidfTransformer, and `inplace_csr_column_scale`.
    """
    wide = working(np.result_type(entries.dtype, factors.dtype))
    product = ops.mul(cast(entries.values, wide), entries.of_each(factors.astype(wide)))
    if not np.isfinite(factors).all():  # zero times infinity is no entry either
        product = ops.where(ops.equal(entries.values, constant_like(entries.values, 0)), constant_like(product, 0), product)
    return replace(entries, values=cast(product, entries.dtype))


def normalised(entries: Entries, norm: str) -> Entries:
    """Rows divided by their "l1" or "l2" norm, a row of zeros as it is; the norm is summed in float64, from left to right.

    Source: `_inplace_csr_row_normalize_l1` and `_l2` of sparsefuncs_fast: products in the type of x, sums in float64.
    """
    x = entries.values
    wide = working(np.float64)
    size = total(cast(ops.abs(x) if norm == "l1" else ops.mul(x, x), wide))
    size = size if norm == "l1" else ops.sqrt(size)
    divisor = ops.where(ops.equal(size, constant(0.0, wide)), constant(1.0, wide), size)
    return replace(entries, values=cast(ops.div(cast(x, wide), divisor), dtype_of(x)))

"""sklearn.preprocessing._discretization: numbers to bins."""

from __future__ import annotations

import numpy as np
from sklearn.preprocessing import KBinsDiscretizer
from spox import Var

from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, dtype_of
from ...registry import converts


@converts(KBinsDiscretizer)
def k_bins_discretizer(model: KBinsDiscretizer, block: Block) -> Block:
    """The number of inner edges <= x of each column (searchsorted, side="right"), as it is or as one column per bin."""
    x = block.floats() if model.dtype is None else block.matrix(model.dtype)
    # numpy compares float32 values with float64 edges as float64.
    inner = [np.asarray(edges[1:-1], np.float64) for edges in model.bin_edges_]
    encode = _ordinal if model.encode == "ordinal" else _one_hot
    return Block.matrix_of(cast(encode(cast(x, working(np.float64)), inner), dtype_of(x)), sparse=model.encode == "onehot")


def _one_hot(x: Var, inner: list[np.ndarray]) -> Var:
    """One column per bin, true where lower edge <= x < upper edge."""
    lower = np.concatenate([np.r_[-np.inf, edges] for edges in inner])
    upper = np.concatenate([np.r_[edges, np.inf] for edges in inner])
    x = _repeated(x, [len(edges) + 1 for edges in inner])
    kind = dtype_of(x)
    return ops.and_(ops.greater_or_equal(x, constant(lower, kind)), ops.less(x, constant(upper, kind)))


def _ordinal(x: Var, inner: list[np.ndarray]) -> Var:
    """The count of true comparisons per column, as a product with zeros and ones."""
    # A column without inner edges gets one that no value reaches, so that every column has its place in the product.
    padded = [edges if len(edges) else np.array([np.inf]) for edges in inner]
    counts = [len(edges) for edges in padded]
    owner = np.repeat(np.arange(len(padded)), counts)
    kind = dtype_of(x)
    reached = ops.greater_or_equal(_repeated(x, counts), constant(np.concatenate(padded), kind))
    return ops.matmul(cast(reached, kind), constant(owner[:, None] == np.arange(len(padded)), kind))


def _repeated(x: Var, counts: list[int]) -> Var:
    return ops.gather(x, constant(np.repeat(np.arange(len(counts)), counts)), axis=1)

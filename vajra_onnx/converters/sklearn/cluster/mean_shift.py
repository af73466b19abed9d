"""sklearn.cluster._mean_shift."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.cluster import MeanShift
from spox import Var

from ....graph import ops
from ....graph.block import Block
from ...registry import Outputs, converts
from ..metrics.pairwise import expanded_squares


@converts(MeanShift)
def mean_shift(model: MeanShift, block: Block) -> Outputs:
    """The nearest center."""
    return {"predict": nearest_center(block, model.cluster_centers_)}


def nearest_center(block: Block, centers: Any) -> Var:
    """int64 [N], the first of equally near ones. Source: pairwise_distances_argmin, in float64 whatever the data is.

    The squares are expanded in the original's order: far from all centers, distances become equal by rounding, there as here.
    """
    fitted = np.asarray(centers.toarray() if hasattr(centers, "toarray") else centers, np.float64)
    squares = expanded_squares(block.matrix(np.float64), fitted)
    return ops.arg_min(squares, axis=1, keepdims=0)

"""sklearn.semi_supervised._label_propagation."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.semi_supervised import LabelPropagation, LabelSpreading
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import constant
from ...registry import Outputs, converts
from ..arrays import as_columns, column, row_sums, wider
from ..labels import largest
from ..metrics.kernels import pairwise_kernels
from ..neighbors.base import kneighbors, ordered_sum


@converts(LabelPropagation, LabelSpreading)
def label_propagation(model: LabelPropagation | LabelSpreading, block: Block) -> Outputs:
    """The label distributions of the fitted rows, weighted by their closeness; rows far from all of them get NaN."""
    masses = _masses(model, block)
    total = row_sums([column(masses, i) for i in range(len(model.classes_))])
    proba = ops.div(masses, as_columns(total))
    return {"predict": largest(model.classes_, proba), "predict_proba": proba}


def _masses(model: Any, block: Block) -> Var:
    """[N, K], before they are divided by their sum."""
    if model.kernel == "rbf":
        return wider(ops.matmul, pairwise_kernels(block, model.X_, "rbf", model.gamma), model.label_distributions_)
    if model.kernel == "knn":
        _, index = kneighbors(model.nn_fit, block, model.label_distributions_)
        shares = ops.gather(constant(model.label_distributions_, working(np.float64)), index, axis=0)
        return ordered_sum(shares, model.nn_fit.n_neighbors)
    raise UnsupportedError("kernel", expected="rbf | knn", got="a callable")

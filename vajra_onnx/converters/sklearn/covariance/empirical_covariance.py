"""sklearn.covariance._empirical_covariance: the squared Mahalanobis distance of new rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.covariance import EmpiricalCovariance
from spox import Var

from ....graph import ops
from ....graph.block import Block
from ....graph.values import constant, constant_like
from ...registry import Outputs, converts


@converts(EmpiricalCovariance)
def empirical_covariance(model: Any, block: Block) -> Outputs:
    """`mahalanobis`: [N], in float64 whatever the data is."""
    return {"mahalanobis": mahalanobis(model, block)}


def mahalanobis(model: Any, block: Block) -> Var:
    """(x - location) @ precision @ (x - location), as scipy's cdist: the root of it, squared again. [N]."""
    x = block.matrix(np.float64)
    difference = ops.sub(x, constant_like(x, model.location_))
    products = ops.matmul(difference, constant_like(x, np.asarray(model.get_precision()).T))
    root = ops.sqrt(ops.reduce_sum(ops.mul(difference, products), constant(np.array([1])), keepdims=0))
    return ops.mul(root, root)

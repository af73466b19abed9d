"""sklearn.cluster._affinity_propagation."""

from __future__ import annotations

import numpy as np
from sklearn.cluster import AffinityPropagation

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block
from ....graph.values import constant
from ...registry import Outputs, converts
from .mean_shift import nearest_center


@converts(AffinityPropagation)
def affinity_propagation(model: AffinityPropagation, block: Block) -> Outputs:
    """The nearest exemplar; -1 for all rows where fitting did not converge and left none."""
    if not hasattr(model, "cluster_centers_"):
        raise UnsupportedError("AffinityPropagation", expected="affinity='euclidean'", got="'precomputed': it has no predict")
    if model.cluster_centers_.shape[0]:
        return {"predict": nearest_center(block, model.cluster_centers_)}
    return {"predict": ops.expand(constant(np.array([-1])), ops.shape(block.parts[0].var, start=0, end=1))}

"""sklearn.cluster._birch."""

from __future__ import annotations

import numpy as np
from sklearn.cluster import Birch

from ....graph import ops
from ....graph.block import Block
from ....graph.values import constant
from ...registry import Outputs, converts
from .kmeans import distances_to
from .mean_shift import nearest_center


@converts(Birch)
def birch(model: Birch, block: Block) -> Outputs:
    """The cluster of the nearest subcluster, and the distances to all subclusters."""
    centers = model.subcluster_centers_
    labels = constant(np.asarray(model.subcluster_labels_))
    return {
        "predict": ops.gather(labels, nearest_center(block, centers), axis=0),
        "transform": distances_to(block.floats(), centers, block.dtype == np.float32),
    }

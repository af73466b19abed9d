"""sklearn.cluster._kmeans."""

from __future__ import annotations

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans
from spox import Var

from ....graph import ops
from ....graph.block import Block, working
from ....graph.target import current
from ....graph.values import cast, constant_like
from ...registry import Outputs, converts
from ..metrics.pairwise import expanded_squares


@converts(KMeans, MiniBatchKMeans)
def kmeans(model: KMeans | MiniBatchKMeans, block: Block) -> Outputs:
    """The nearest center (int32), and the distances to all of them.

    `predict` exists only where scikit-learn has it: for data in the float type of the centers.
    """
    centers = model.cluster_centers_
    outputs = {"transform": distances_to(block.floats(), centers, block.dtype == np.float32)}
    if current().mode == "exact" and (block.dtype == np.float32) != (centers.dtype == np.float32):
        return outputs
    nearest = ops.arg_min(center_scores(block.floats(), centers), axis=1, keepdims=0)
    return {"predict": ops.cast(nearest, to=np.int32), **outputs}


def center_scores(x: Var, centers: np.ndarray) -> Var:
    """||c||^2 - 2 x.c in the dtype of the data: the squared distance without ||x||^2, which all centers share. [N, K].

    Source: _update_chunk_dense of _k_means_lloyd.pyx.
    """
    products = ops.mul(ops.matmul(x, constant_like(x, centers.T)), constant_like(x, -2.0))
    return ops.add(products, constant_like(x, np.einsum("ij,ij->i", centers, centers)))


def distances_to(x: Var, centers: np.ndarray, single: bool) -> Var:
    """Source: euclidean_distances: the expanded square in float64; float32 data and centers give a float32 result.

    Beside a large ||x||^2 a small distance is rounding noise, in the original as here.
    """
    wide = cast(x, working(np.float64))
    squares = expanded_squares(wide, centers.astype(np.float64))
    return ops.sqrt(cast(squares, np.float32) if single and centers.dtype == np.float32 else squares)

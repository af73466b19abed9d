"""sklearn.manifold._isomap."""

from __future__ import annotations

import numpy as np
from sklearn.manifold import Isomap
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, constant_like
from ...registry import converts
from ..decomposition.kernel_pca import kernel_pca
from ..neighbors.base import kneighbors


@converts(Isomap)
def isomap(model: Isomap, block: Block) -> Block:
    """The shortest way to every fitted row through one of the neighbours, as a kernel, projected by the fitted KernelPCA.

    float32 for an array of float32, float64 for all else, DataFrames of float32 included.
    """
    if model.n_neighbors is None:
        raise UnsupportedError("Isomap", expected="n_neighbors", got=f"radius={model.radius!r}")
    distance, index = kneighbors(model.nbrs_, block)
    ways = np.asarray(model.dist_matrix_, np.float64)
    size = len(ways)

    def shortest(lengths: Var, neighbours: Var) -> list[Var]:
        through = ops.gather(constant_like(lengths, ways), neighbours, axis=0)
        total = ops.add(through, ops.unsqueeze(lengths, constant(np.array([1]))))
        return [ops.reduce_min(total, constant(np.array([0])), keepdims=0)]

    wide = cast(distance, working(np.float64))
    geodesic = ops.scan([wide, index], body=shortest, num_scan_inputs=2)[0]
    single = block.dtype == np.float32 and not block.frame
    lengths = cast(ops.reshape(geodesic, constant(np.array([-1, size]))), np.float32 if single else working(np.float64))
    kernel = ops.mul(ops.mul(lengths, lengths), constant_like(lengths, -0.5))
    return kernel_pca(model.kernel_pca_, Block.matrix_of(kernel, size))

"""sklearn.decomposition._kernel_pca."""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import KernelPCA

from ....graph import ops
from ....graph.block import Block
from ...registry import converts
from ..arrays import wider
from ..metrics.kernels import pairwise_kernels
from ..preprocessing.data import kernel_centerer


@converts(KernelPCA)
def kernel_pca(model: KernelPCA, block: Block) -> Block:
    """The kernel to the fitted rows, centred, projected on the scaled eigenvectors."""
    kernel = pairwise_kernels(block, model.X_fit_, model.kernel, model.gamma_, model.degree, model.coef0)
    centered = kernel_centerer(model._centerer, Block.matrix_of(kernel, model.X_fit_.shape[0])).matrix()
    used = np.flatnonzero(model.eigenvalues_)
    scaled = np.zeros_like(model.eigenvectors_)
    scaled[:, used] = model.eigenvectors_[:, used] / np.sqrt(model.eigenvalues_[used])
    return Block.matrix_of(wider(ops.matmul, centered, scaled), scaled.shape[1])

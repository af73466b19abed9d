"""sklearn.kernel_ridge."""

from __future__ import annotations

from sklearn.kernel_ridge import KernelRidge

from ...graph import ops
from ...graph.block import Block
from ..registry import Outputs, converts
from .arrays import wider
from .metrics.kernels import pairwise_kernels


@converts(KernelRidge)
def kernel_ridge(model: KernelRidge, block: Block) -> Outputs:
    """kernel(x, fitted rows) @ dual coefficients: [N], or [N, K] for two-dimensional targets."""
    kernel = pairwise_kernels(block, model.X_fit_, model.kernel, model.gamma, model.degree, model.coef0)
    return {"predict": wider(ops.matmul, kernel, model.dual_coef_)}

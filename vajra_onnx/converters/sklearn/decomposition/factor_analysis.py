"""sklearn.decomposition._factor_analysis."""

from __future__ import annotations

import numpy as np
from scipy import linalg
from sklearn.decomposition import FactorAnalysis

from ....graph import ops
from ....graph.block import Block
from ...registry import Outputs, converts
from ..arrays import wider
from .gaussian import log_likelihood


@converts(FactorAnalysis)
def factor_analysis(model: FactorAnalysis, block: Block) -> Outputs:
    """The expected mean of the latent variables, and the log-likelihood of each row. Always float64, as the fitted mean is."""
    weighted = model.components_ / model.noise_variance_
    covariance = linalg.inv(np.eye(len(model.components_)) + weighted @ model.components_.T)
    centered = wider(ops.sub, block.matrix(), model.mean_)
    latent = wider(ops.matmul, wider(ops.matmul, centered, weighted.T), covariance)
    return {
        "transform": Block.matrix_of(latent, len(model.components_)),
        "score_samples": log_likelihood(centered, model.get_precision()),
    }

"""sklearn.mixture._gaussian_mixture."""

from __future__ import annotations

import numpy as np
from sklearn.mixture import GaussianMixture

from ....graph.block import Block
from ...registry import Outputs, converts
from ..arrays import added
from .base import log_gaussian_prob, mixture_outputs


@converts(GaussianMixture)
def gaussian_mixture(model: GaussianMixture, block: Block) -> Outputs:
    """The likeliest component, the probabilities of all, and the log density of each row."""
    return mixture_outputs(added(log_gaussian_prob(model, block), np.log(model.weights_)))

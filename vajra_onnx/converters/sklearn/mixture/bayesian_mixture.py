"""sklearn.mixture._bayesian_mixture."""

from __future__ import annotations

import numpy as np
from scipy.special import digamma
from sklearn.mixture import BayesianGaussianMixture

from ....graph.block import Block
from ...registry import Outputs, converts
from ..arrays import added
from .base import log_gaussian_prob, mixture_outputs


@converts(BayesianGaussianMixture)
def bayesian_gaussian_mixture(model: BayesianGaussianMixture, block: Block) -> Outputs:
    """Expected log densities and log weights under the fitted posterior; all but the Gaussians are numbers of the model.

    Source: BayesianGaussianMixture._estimate_log_prob.
    """
    features, freedom = model.n_features_in_, model.degrees_of_freedom_
    gauss = added(log_gaussian_prob(model, block), -(0.5 * features * np.log(freedom)))
    log_lambda = features * np.log(2.0) + np.sum(digamma(0.5 * (freedom - np.arange(0, features)[:, np.newaxis])), 0)
    density = added(gauss, 0.5 * (log_lambda - features / model.mean_precision_))
    return mixture_outputs(added(density, model._estimate_log_weights()))

"""What PCA and FactorAnalysis share: the log-likelihood of rows under a normal distribution."""

from __future__ import annotations

import numpy as np
from sklearn.utils.extmath import fast_logdet
from spox import Var

from ....graph import ops
from ....graph.values import cast, constant, constant_like, dtype_of
from ..arrays import wider


def log_likelihood(centered: Var, precision: np.ndarray) -> Var:
    """-(x @ precision . x) / 2 - (F log(2 pi) - log det precision) / 2. centered: [N, F] -> [N].

    Source: PCA.score_samples and FactorAnalysis.score_samples.
    """
    product = wider(ops.matmul, centered, precision)
    terms = ops.mul(cast(centered, dtype_of(product)), product)
    total = ops.mul(ops.reduce_sum(terms, constant(np.array([1])), keepdims=0), constant_like(terms, -0.5))
    level = 0.5 * (len(precision) * np.log(2.0 * np.pi) - fast_logdet(precision))
    return wider(ops.sub, total, np.asarray(level))

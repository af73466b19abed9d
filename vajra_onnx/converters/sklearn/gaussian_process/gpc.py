"""sklearn.gaussian_process._gpc: classification by the Laplace approximation, class against class."""

from __future__ import annotations

import numpy as np
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process._gpc import COEFS, LAMBDAS, _BinaryGaussianProcessClassifierLaplace
from spox import Var

from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, constant_like, dtype_of
from ...registry import Outputs, convert, converts, step
from ..labels import positive
from ..linear_model.base import both
from ..special import erf
from .kernels import at_least, covariance, variance


@converts(GaussianProcessClassifier)
def gaussian_process_classifier(model: GaussianProcessClassifier, block: Block) -> Outputs:
    """The binary classifier, or one per class or per pair of classes; one_vs_one has no probabilities."""
    with step("base_estimator_"):
        outputs = convert(model.base_estimator_, block)
    names = ["predict"] if model.n_classes_ > 2 and model.multi_class == "one_vs_one" else ["predict", "predict_proba"]
    return {name: outputs[name] for name in names}


@converts(_BinaryGaussianProcessClassifierLaplace)
def binary_laplace(model: _BinaryGaussianProcessClassifierLaplace, block: Block) -> Outputs:
    """The second class where the latent mean is above 0; probabilities by R. Neal's mixture of five error functions.

    Source: Algorithm 3.2 of Rasmussen and Williams. A triangular solve becomes a product with the folded inverse.
    """
    points = np.asarray(model.X_train_)
    count = ops.shape(block.parts[0].var, start=0, end=1)
    k = at_least(covariance(model.kernel_, block, points), ops.concat([count, constant(np.array([len(points)]))], axis=0))
    k = cast(k, working(np.float64))
    mean = ops.matmul(k, constant_like(k, model.y_train_ - model.pi_))
    solve = np.linalg.solve(model.L_, np.diag(model.W_sr_))
    reduction = ops.reduce_sum_square(ops.matmul(k, constant_like(k, solve.T)), constant(np.array([1])), keepdims=0)
    diagonal = cast(variance(model.kernel_, block, points), dtype_of(k))
    proba = _averaged(mean, ops.sub(diagonal, reduction))
    return {"predict": positive(model.classes_, mean), "predict_proba": both(proba)}


def _averaged(mean: Var, latent_variance: Var) -> Var:
    """The logistic function, averaged over normally distributed latent values. [N]."""
    one, two, pi = (constant_like(mean, v) for v in (1.0, 2.0, np.pi))
    alpha = ops.div(one, ops.mul(two, latent_variance))
    height = ops.sqrt(ops.div(pi, alpha))
    width = ops.mul(two, ops.sqrt(ops.mul(ops.mul(latent_variance, two), pi)))
    total: Var | None = None
    for lam, coefficient in zip(LAMBDAS.ravel(), COEFS.ravel(), strict=True):
        gamma = ops.mul(constant_like(mean, lam), mean)
        shrunk = ops.sqrt(ops.div(alpha, ops.add(alpha, constant_like(mean, lam**2))))
        integral = ops.div(ops.mul(height, erf(ops.mul(gamma, shrunk))), width)
        term = ops.mul(constant_like(mean, coefficient), integral)
        total = term if total is None else ops.add(total, term)
    assert total is not None
    return ops.add(total, constant_like(mean, 0.5 * COEFS.sum()))

"""sklearn.gaussian_process._gpr."""

from __future__ import annotations

import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, constant_like, dtype_of
from ...registry import Outputs, converts
from .kernels import at_least, covariance


@converts(GaussianProcessRegressor)
def gaussian_process_regressor(model: GaussianProcessRegressor, block: Block) -> Outputs:
    """The mean of the posterior: kernel(X, X_train) @ alpha, out of the normalisation of the targets. [N] or [N, targets]."""
    if not hasattr(model, "X_train_"):
        raise UnsupportedError("GaussianProcessRegressor", expected="a fitted model", got="one that predicts from its prior")
    points, alpha = np.asarray(model.X_train_), np.asarray(model.alpha_)
    rows = ops.concat([ops.shape(block.parts[0].var, start=0, end=1), constant(np.array([len(points)]))], axis=0)
    k = at_least(covariance(model.kernel_, block, points), rows)
    k = cast(k, working(np.result_type(dtype_of(k), alpha)))
    mean = ops.matmul(k, constant_like(k, alpha))
    mean = cast(mean, working(np.result_type(dtype_of(mean), model._y_train_std, model._y_train_mean)))
    scaled = ops.mul(constant_like(mean, model._y_train_std), mean)
    predicted = ops.add(scaled, constant_like(mean, model._y_train_mean))
    single = alpha.ndim == 2 and alpha.shape[1] == 1
    return {"predict": ops.reshape(predicted, constant(np.array([-1]))) if single else predicted}

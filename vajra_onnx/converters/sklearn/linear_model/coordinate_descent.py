"""sklearn.linear_model._coordinate_descent: all of them predict as LinearModel does."""

from __future__ import annotations

from sklearn.linear_model import (
    ElasticNet,
    ElasticNetCV,
    Lasso,
    LassoCV,
    MultiTaskElasticNet,
    MultiTaskElasticNetCV,
    MultiTaskLasso,
    MultiTaskLassoCV,
)

from ...registry import converts
from .base import predict_linear

converts(Lasso, LassoCV, ElasticNet, ElasticNetCV)(predict_linear)
converts(MultiTaskLasso, MultiTaskLassoCV, MultiTaskElasticNet, MultiTaskElasticNetCV)(predict_linear)

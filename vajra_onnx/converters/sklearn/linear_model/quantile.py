"""sklearn.linear_model._quantile: predicts as LinearModel does."""

from __future__ import annotations

from sklearn.linear_model import QuantileRegressor

from ...registry import converts
from .base import predict_linear

converts(QuantileRegressor)(predict_linear)

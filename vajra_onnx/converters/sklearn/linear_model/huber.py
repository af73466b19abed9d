"""sklearn.linear_model._huber: predicts as LinearModel does."""

from __future__ import annotations

from sklearn.linear_model import HuberRegressor

from ...registry import converts
from .base import predict_linear

converts(HuberRegressor)(predict_linear)

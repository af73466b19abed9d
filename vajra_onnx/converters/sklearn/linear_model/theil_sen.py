"""sklearn.linear_model._theil_sen: predicts as LinearModel does."""

from __future__ import annotations

from sklearn.linear_model import TheilSenRegressor

from ...registry import converts
from .base import predict_linear

converts(TheilSenRegressor)(predict_linear)

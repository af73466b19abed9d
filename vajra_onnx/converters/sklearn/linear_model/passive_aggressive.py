"""sklearn.linear_model._passive_aggressive: a linear classifier without probabilities, and a linear regressor."""

from __future__ import annotations

from sklearn.linear_model import PassiveAggressiveClassifier, PassiveAggressiveRegressor

from ...registry import converts
from .base import classify_linear, predict_linear

converts(PassiveAggressiveClassifier)(classify_linear)
converts(PassiveAggressiveRegressor)(predict_linear)

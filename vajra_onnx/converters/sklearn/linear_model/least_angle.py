"""sklearn.linear_model._least_angle: all of them predict as LinearModel does."""

from __future__ import annotations

from sklearn.linear_model import Lars, LarsCV, LassoLars, LassoLarsCV, LassoLarsIC

from ...registry import converts
from .base import predict_linear

converts(Lars, LarsCV, LassoLars, LassoLarsCV, LassoLarsIC)(predict_linear)

"""sklearn.linear_model._omp: both predict as LinearModel does."""

from __future__ import annotations

from sklearn.linear_model import OrthogonalMatchingPursuit, OrthogonalMatchingPursuitCV

from ...registry import converts
from .base import predict_linear

converts(OrthogonalMatchingPursuit, OrthogonalMatchingPursuitCV)(predict_linear)

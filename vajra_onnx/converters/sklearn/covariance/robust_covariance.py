"""sklearn.covariance._robust_covariance."""

from __future__ import annotations

from sklearn.covariance import MinCovDet

from ...registry import converts
from .empirical_covariance import empirical_covariance

converts(MinCovDet)(empirical_covariance)

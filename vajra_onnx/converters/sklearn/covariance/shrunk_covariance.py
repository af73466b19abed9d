"""sklearn.covariance._shrunk_covariance."""

from __future__ import annotations

from sklearn.covariance import OAS, LedoitWolf, ShrunkCovariance

from ...registry import converts
from .empirical_covariance import empirical_covariance

converts(OAS, LedoitWolf, ShrunkCovariance)(empirical_covariance)

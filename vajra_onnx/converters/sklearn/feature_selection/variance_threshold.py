"""sklearn.feature_selection._variance_threshold: columns that vary."""

from __future__ import annotations

from sklearn.feature_selection import VarianceThreshold

from ...registry import converts
from .base import selected

converts(VarianceThreshold)(selected)

"""sklearn.feature_selection._from_model: columns that matter to a model."""

from __future__ import annotations

from sklearn.feature_selection import SelectFromModel

from ...registry import converts
from .base import selected

converts(SelectFromModel)(selected)

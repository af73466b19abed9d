"""sklearn.feature_selection._sequential: columns added or removed one by one."""

from __future__ import annotations

from sklearn.feature_selection import SequentialFeatureSelector

from ...registry import converts
from .base import selected

converts(SequentialFeatureSelector)(selected)

"""sklearn.feature_selection._univariate_selection: the tests of one column at a time."""

from __future__ import annotations

from sklearn.feature_selection import GenericUnivariateSelect, SelectFdr, SelectFpr, SelectFwe, SelectKBest, SelectPercentile

from ...registry import converts
from .base import selected

converts(GenericUnivariateSelect, SelectFdr, SelectFpr, SelectFwe, SelectKBest, SelectPercentile)(selected)

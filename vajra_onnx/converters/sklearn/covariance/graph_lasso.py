"""sklearn.covariance._graph_lasso."""

from __future__ import annotations

from sklearn.covariance import GraphicalLasso, GraphicalLassoCV

from ...registry import converts
from .empirical_covariance import empirical_covariance

converts(GraphicalLasso, GraphicalLassoCV)(empirical_covariance)

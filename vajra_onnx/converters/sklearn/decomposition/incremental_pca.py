"""sklearn.decomposition._incremental_pca: it transforms as PCA does."""

from __future__ import annotations

from sklearn.decomposition import IncrementalPCA

from ...registry import converts
from .pca import pca

converts(IncrementalPCA)(pca)

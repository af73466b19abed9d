"""sklearn.model_selection._search_successive_halving: searches that differ in how they search, not in how they answer."""

from __future__ import annotations

from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingGridSearchCV, HalvingRandomSearchCV

from ...registry import converts, references
from .search import search, search_reference

converts(HalvingGridSearchCV, HalvingRandomSearchCV)(search)
references(HalvingGridSearchCV, HalvingRandomSearchCV)(search_reference)

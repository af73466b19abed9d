"""sklearn.model_selection._search: a search answers as the best estimator that it found."""

from __future__ import annotations

from typing import Any

from sklearn.model_selection import GridSearchCV, RandomizedSearchCV

from ....errors import UnsupportedError
from ....graph.block import Block
from ...registry import Outputs, convert, converts, reference, references, step


@converts(GridSearchCV, RandomizedSearchCV)
def search(model: Any, block: Block) -> Outputs:
    """All outputs of `best_estimator_`. Raises UnsupportedError for a search with refit=False, which cannot predict."""
    if not hasattr(model, "best_estimator_"):
        raise UnsupportedError("a search without a best estimator", expected="refit=True", got=f"refit={model.refit!r}")
    with step("best_estimator_"):
        return convert(model.best_estimator_, block)


@references(GridSearchCV, RandomizedSearchCV)
def search_reference(model: Any, data: Any, output: str) -> Any:
    """What the best estimator answers, also for outputs that are no methods (a booster's margin)."""
    return reference(model.best_estimator_, data, output)

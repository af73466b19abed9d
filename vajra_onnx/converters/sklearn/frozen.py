"""sklearn.frozen: an estimator that is not fitted again."""

from __future__ import annotations

from typing import Any

from sklearn.frozen import FrozenEstimator

from ...graph.block import Block
from ..registry import Outputs, convert, converts, reference, references, step


@converts(FrozenEstimator)
def frozen_estimator(model: FrozenEstimator, block: Block) -> Outputs:
    """All outputs of the estimator inside."""
    with step("estimator"):
        return convert(model.estimator, block)


@references(FrozenEstimator)
def frozen_reference(model: FrozenEstimator, data: Any, output: str) -> Any:
    """What the estimator inside answers."""
    return reference(model.estimator, data, output)

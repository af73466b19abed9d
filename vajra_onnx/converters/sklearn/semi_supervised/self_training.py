"""sklearn.semi_supervised._self_training."""

from __future__ import annotations

from sklearn.semi_supervised import SelfTrainingClassifier

from ....graph.block import Block
from ...registry import Outputs, convert, converts, step

METHODS = ("predict", "predict_proba", "predict_log_proba", "decision_function")


@converts(SelfTrainingClassifier)
def self_training(model: SelfTrainingClassifier, block: Block) -> Outputs:
    """The fitted estimator's own answers; it is given an array, never a DataFrame."""
    with step("estimator_"):
        outputs = convert(model.estimator_, block.together())
    return {name: outputs[name] for name in METHODS if hasattr(model, name) and name in outputs}

"""sklearn.ensemble._stacking: estimators whose answers are the final estimator's input."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import StackingClassifier, StackingRegressor
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block
from ....graph.values import cast, constant
from ...registry import Outputs, convert, converts, step
from .. import containers
from ..arrays import hstack, is_vector
from ..labels import take


@converts(StackingClassifier)
def stacking_classifier(model: StackingClassifier, block: Block) -> Outputs:
    """The final estimator answers in indices of `classes_`; its scores are the stack's own."""
    if isinstance(model._label_encoder, list):
        raise UnsupportedError("StackingClassifier", expected="one target", got="multilabel targets")
    features, outputs = _final(model, block)
    label = outputs["predict"]
    assert isinstance(label, Var)
    scores = {method: outputs[method] for method in ("predict_proba", "decision_function") if method in outputs}
    return {"predict": take(model.classes_, cast(label, np.int64)), **scores, "transform": features}


@converts(StackingRegressor)
def stacking_regressor(model: StackingRegressor, block: Block) -> Outputs:
    """The final estimator's prediction."""
    features, outputs = _final(model, block)
    return {"predict": outputs["predict"], "transform": features}


def _final(model: Any, block: Block) -> tuple[Block, Outputs]:
    """The answers of all estimators side by side, and what the final estimator makes of them."""
    answers = []
    for i, (estimator, method) in enumerate(zip(model.estimators_, model.stack_method_, strict=True)):
        with step(f"estimators_[{i}]"):
            answers.append(_columns(model, convert(estimator, block).get(method), method))
    features = Block.matrix_of(hstack(answers))
    if model.passthrough:
        features = containers.hstack([features, block], sparse=block.sparse)
    with step("final_estimator_"):
        return features, convert(model.final_estimator_, features)


def _columns(model: Any, answer: Any, method: str) -> Var:
    """The answer as columns; of two probabilities that add up to one, only the second."""
    if not isinstance(answer, Var):
        raise UnsupportedError(expected=f"an estimator with one {method}")
    if method == "predict_proba" and not is_vector(answer) and len(getattr(model, "classes_", ())) == 2:
        return ops.gather(answer, constant([1]), axis=1)
    return answer

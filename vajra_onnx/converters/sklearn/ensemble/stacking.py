"""sklearn.ensemble._stacking: estimators whose answers are the final estimator's input."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import StackingClassifier, StackingRegressor
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block
from ....graph.values import cast, constant, dtype_of
from ...registry import Outputs, convert, converts, step
from .. import containers
from ..arrays import column, hstack, is_vector
from ..labels import take


@converts(StackingClassifier)
def stacking_classifier(model: StackingClassifier, block: Block) -> Outputs:
    """The final estimator answers in indices of `classes_`; its scores are the stack's own."""
    features, outputs = _final(model, block)
    scores: dict[str, Any] = {m: outputs[m] for m in ("predict_proba", "decision_function") if m in outputs}
    label = outputs["predict"]
    assert isinstance(label, Var)
    if isinstance(model._label_encoder, list):
        return {**_labels(model.classes_, label), **_first_classes(scores), "transform": features}
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


def _labels(classes: list[np.ndarray], index: Var) -> dict[str, Var]:
    """Several targets: the label of each, [N, targets]; none where the final estimator answers with floats, as a chain does:
    those are no indices to LabelEncoder, which refuses them. index: [N, targets]."""
    if dtype_of(index).kind == "f":
        return {}
    return {"predict": hstack([take(values, cast(column(index, i), np.int64)) for i, values in enumerate(classes)])}


def _first_classes(scores: dict[str, Any]) -> dict[str, Any]:
    """Several targets: of each the probability of its first class, [N, targets].

    Source: StackingClassifier.predict_proba, which needs a list of [N, K] from the final estimator, and refuses an array.
    """
    proba = scores.get("predict_proba")
    if isinstance(proba, list):
        return {**scores, "predict_proba": hstack([column(p, 0) for p in proba])}
    return {method: score for method, score in scores.items() if method != "predict_proba"}


def _columns(model: Any, answer: Any, method: str) -> Var:
    """The answer as columns; of two probabilities that add up to one, only the second."""
    if isinstance(answer, list):
        return hstack([ops.slice(p, constant([1]), constant([np.iinfo(np.int64).max]), constant([1])) for p in answer])
    if not isinstance(answer, Var):
        raise UnsupportedError(expected=f"an estimator with one {method}")
    if method == "predict_proba" and not is_vector(answer) and len(getattr(model, "classes_", ())) == 2:
        return ops.gather(answer, constant([1]), axis=1)
    return answer

"""sklearn.multioutput: several targets, one estimator each, side by side or in a chain."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from spox import Var

from ...errors import UnsupportedError
from ...graph import ops
from ...graph.block import Block, working
from ...graph.values import cast, dtype_of
from ..registry import Outputs, convert, converts, step
from .arrays import as_columns, hstack
from .response import response


@converts(MultiOutputRegressor)
def multi_output_regressor(model: MultiOutputRegressor, block: Block) -> Outputs:
    """predict: [N, targets]."""
    return {"predict": hstack(_answers(model, block, "predict"))}


@converts(MultiOutputClassifier)
def multi_output_classifier(model: MultiOutputClassifier, block: Block) -> Outputs:
    """predict: [N, targets]; predict_proba: one [N, K] per target."""
    labels = _answers(model, block, "predict")
    kinds = {str(dtype_of(label)) for label in labels}
    if len(kinds) > 1 and len({dtype_of(label).kind for label in labels}) > 1:
        raise UnsupportedError("MultiOutputClassifier", expected="labels of one type", got=", ".join(sorted(kinds)))
    together = ops.concat([as_columns(label) for label in labels], axis=1) if len(kinds) == 1 else hstack(labels)
    outputs: dict[str, Any] = {"predict": together}
    if hasattr(model, "predict_proba"):
        outputs["predict_proba"] = _answers(model, block, "predict_proba")
    return outputs


@converts(ClassifierChain)
def classifier_chain(model: ClassifierChain, block: Block) -> Outputs:
    """Every method [N, targets], in float64 as numpy.zeros makes it, labels included."""
    methods = [m for m in ("predict", "predict_proba", "decision_function") if hasattr(model, m)]
    outputs = _chain(model, block, methods)
    logarithm = {"predict_log_proba": ops.log(outputs["predict_proba"])} if "predict_proba" in outputs else {}
    return {**outputs, **logarithm}


@converts(RegressorChain)
def regressor_chain(model: RegressorChain, block: Block) -> Outputs:
    """predict: [N, targets]."""
    return _chain(model, block, ["predict"])


def _answers(model: Any, block: Block, method: str) -> list[Var]:
    answers = []
    for i, estimator in enumerate(model.estimators_):
        with step(f"estimators_[{i}]"):
            answer = convert(estimator, block).get(method)
            if not isinstance(answer, Var):
                raise UnsupportedError(expected=f"an estimator with one {method}", got=type(estimator).__name__)
            answers.append(answer)
    return answers


def _chain(model: Any, block: Block, methods: list[str]) -> dict[str, Var]:
    """Each estimator sees the columns and what its predecessors said. Source: _BaseChain._get_predictions."""
    kind = working(np.float64)
    said: list[Var] = []
    answers: dict[str, list[Var]] = {method: [] for method in methods}
    x = block.matrix(np.float64)
    for i, estimator in enumerate(model.estimators_):
        with step(f"estimators_[{i}]"):
            outputs = convert(estimator, Block.matrix_of(hstack([x, *said]), block.width + i, sparse=block.sparse))
            for method in methods:
                answers[method].append(cast(response(estimator, outputs, [method])[0], kind))
            said.append(cast(response(estimator, outputs, [getattr(model, "chain_method_", "predict")])[0], kind))
    back = np.argsort(model.order_)
    return {method: hstack([answer[k] for k in back]) for method, answer in answers.items()}

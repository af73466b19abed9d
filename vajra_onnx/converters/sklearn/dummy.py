"""sklearn.dummy."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from spox import Var

from ...errors import UnsupportedError
from ...graph import ops
from ...graph.block import Block
from ...graph.values import constant
from ..registry import Outputs, converts
from .labels import take

CONSTANT = ("most_frequent", "prior", "constant")


@converts(DummyRegressor)
def dummy_regressor(model: DummyRegressor, block: Block) -> Outputs:
    """The same prediction for every row."""
    return {"predict": _repeated(model.predict(np.zeros((1, 1))), block)}


@converts(DummyClassifier)
def dummy_classifier(model: DummyClassifier, block: Block) -> Outputs:
    """The same prediction for every row. Strategies that draw at random are refused: no graph draws as numpy does."""
    if model._strategy not in CONSTANT:
        raise UnsupportedError("strategy of DummyClassifier", expected=" | ".join(CONSTANT), got=repr(model._strategy))
    row = np.zeros((1, 1))
    with np.errstate(divide="ignore"):
        answers = {method: getattr(model, method)(row) for method in ("predict", "predict_proba", "predict_log_proba")}
    return {
        method: [_repeated(a, block) for a in answer] if isinstance(answer, list) else _repeated(answer, block)  # type: ignore[misc]
        for method, answer in answers.items()
    }


def _repeated(answer: Any, block: Block) -> Var:
    """The only row of `answer`, once for every row of the data. [1] -> [N], [1, K] -> [N, K].

    Element by element, for ONNX Runtime's Gather copies only the first string of a row of strings.
    """
    values = np.asarray(answer.toarray() if hasattr(answer, "toarray") else answer)
    rows = ops.shape(block.parts[0].var, start=0, end=1)
    index = ops.expand(constant(np.arange(values.size)), ops.concat([rows, constant(np.array([values.size]))], axis=0))
    return take(values.ravel(), ops.reshape(index, constant(np.array([-1, *values.shape[1:]]))))

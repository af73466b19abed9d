"""lightgbm.sklearn: the estimators with scikit-learn's methods."""

from __future__ import annotations

from typing import Any

from lightgbm.sklearn import LGBMClassifier, LGBMModel, LGBMRanker, LGBMRegressor
from spox import Var

from ...errors import UnsupportedError
from ...graph import ops
from ...graph.block import Block
from ...graph.values import constant, constant_like
from ..registry import Outputs, converts, references
from ..sklearn.labels import largest
from .basic import ARGUMENTS, booster, in_rows


@references(LGBMModel, LGBMClassifier, LGBMRegressor, LGBMRanker)
def wrapper_reference(model: LGBMModel, data: Any, output: str) -> Any:
    """`margin` is `predict(X, raw_score=True)`, `apply` is `predict(X, pred_leaf=True)`; the rest are methods."""
    rows = in_rows(data)
    if output in ARGUMENTS:
        return model.predict(rows, **{ARGUMENTS[output]: True})
    return getattr(model, output)(rows)


@converts(LGBMModel, LGBMRegressor, LGBMRanker)
def regressor(model: LGBMModel, block: Block) -> Outputs:
    """What the Booster answers; for `LGBMRanker` that is the score of each row."""
    if model.get_params().get("pred_early_stop"):
        raise UnsupportedError(f"{type(model).__name__}(pred_early_stop=True)", hint="set it to False: all trees are summed here")
    return booster(model.booster_, block)


@converts(LGBMClassifier)
def classifier(model: LGBMClassifier, block: Block) -> Outputs:
    """Labels and probabilities; with a custom objective the raw scores, which are all that LightGBM answers then."""
    outputs = dict(regressor(model, block))
    value = outputs.pop("predict")
    assert isinstance(value, Var)
    if hasattr(model, "decision_function"):  # since LightGBM 4.7
        outputs["decision_function"] = outputs["margin"]
    if callable(model.objective_):
        return outputs
    probabilities = _pair(value) if len(value.unwrap_tensor().shape or ()) == 1 else value
    return {"predict": largest(model.classes_, probabilities), "predict_proba": probabilities, **outputs}


def _pair(value: Var) -> Var:
    """(1 - p, p), whatever the objective makes of p."""
    second = ops.reshape(value, constant([-1, 1], "int64"))
    return ops.concat([ops.sub(constant_like(value, 1), second), second], axis=1)

"""sklearn.compose._target."""

from __future__ import annotations

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block
from ....graph.values import constant, width_of
from ...registry import Outputs, convert, converts, step
from ..arrays import as_columns
from ..preprocessing.inverse import inverse_transform


@converts(TransformedTargetRegressor)
def transformed_target_regressor(model: TransformedTargetRegressor, block: Block) -> Outputs:
    """The regressor's prediction, undone by the transformer of the target or by `inverse_func`."""
    with step("regressor"):
        predicted = convert(model.regressor_, block).get("predict")
    if not isinstance(predicted, Var):
        raise UnsupportedError(expected="a regressor", got=type(model.regressor_).__name__)
    with step("transformer"):
        answer = inverse_transform(model.transformer_, as_columns(predicted))
    if model._training_dim == 1 and width_of(answer) == 1:
        answer = ops.reshape(answer, constant(np.array([-1])))
    return {"predict": answer}

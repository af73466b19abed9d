"""sklearn.linear_model._glm.glm: generalised linear models."""

from __future__ import annotations

import numpy as np
from sklearn._loss.link import IdentityLink, LogLink
from sklearn.linear_model import GammaRegressor, PoissonRegressor, TweedieRegressor

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block
from ...registry import Outputs, converts
from .base import affine


@converts(PoissonRegressor, GammaRegressor, TweedieRegressor)
def generalised_linear_model(model: PoissonRegressor | GammaRegressor | TweedieRegressor, block: Block) -> Outputs:
    """The inverse link of X @ coef + intercept: exp, or the linear predictor itself. Integers are computed in float64."""
    floats = Block.matrix_of(block.floats(), block.width)
    raw = affine(floats, np.asarray(model.coef_), model.intercept_)
    link = type(model._base_loss.link)
    if link is IdentityLink:
        return {"predict": raw}
    if link is LogLink:
        return {"predict": ops.exp(raw)}
    raise UnsupportedError("link function", expected="identity | log", got=link.__name__)

"""xgboost.core: the Booster."""

from __future__ import annotations

from typing import Any

import numpy as np
import xgboost
from xgboost.core import Booster

from ...graph.block import Block
from ...graph.values import squeezed
from ..registry import Outputs, converts, references
from .features import features
from .margin import leaves, margin
from .model import read
from .objectives import predicted, present
from .unseen import refuse_unseen


@converts(Booster)
def booster(model: Booster, block: Block) -> Outputs:
    """`predict` is what `Booster.predict` answers for its objective, `margin` the raw score, `apply` the leaves, of all rounds.

    An objective that is not known here has no `predict`.
    """
    content = read(model)
    x = features(block, content)
    raw = margin(content, x, in_place=False)
    return present(predict=predicted(content.objective, raw), margin=squeezed(raw), apply=leaves(content, x))


@references(Booster)
def booster_reference(model: Booster, data: Any, output: str) -> np.ndarray:
    """A DMatrix of the data, under the Booster's own feature names where the data has none. Categories that the training
    frame lacked are refused (`unseen.py`)."""
    refuse_unseen(model, data)
    frame = hasattr(data, "columns")
    names = None if frame else model.feature_names
    matrix = xgboost.DMatrix(data, feature_names=names, enable_categorical=frame, nthread=1)
    return np.asarray(model.predict(matrix, output_margin=output == "margin", pred_leaf=output == "apply"))

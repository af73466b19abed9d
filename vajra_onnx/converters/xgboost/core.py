"""xgboost.core: the Booster."""

from __future__ import annotations

from typing import Any

import numpy as np
import xgboost
from xgboost.core import Booster

from ...graph.block import Block
from ..registry import Outputs, converts, references
from .features import features
from .margin import margin
from .model import read
from .objectives import predicted, squeezed
from .unseen import refuse_unseen


@converts(Booster)
def booster(model: Booster, block: Block) -> Outputs:
    """`predict` is what `Booster.predict` answers for its objective, `margin` the raw score; all rounds count.

    An objective that is not known here has a margin only.
    """
    content = read(model)
    raw = margin(content, features(block, content), in_place=False)
    value = predicted(content.objective, raw)
    return {"margin": squeezed(raw)} if value is None else {"predict": value, "margin": squeezed(raw)}


@references(Booster)
def booster_reference(model: Booster, data: Any, output: str) -> np.ndarray:
    """A DMatrix of the data, under the Booster's own feature names where the data has none. Categories that the training
    frame lacked are refused (`unseen.py`)."""
    refuse_unseen(model, data)
    frame = hasattr(data, "columns")
    names = None if frame else model.feature_names
    matrix = xgboost.DMatrix(data, feature_names=names, enable_categorical=frame, nthread=1)
    return np.asarray(model.predict(matrix, output_margin=output == "margin"))

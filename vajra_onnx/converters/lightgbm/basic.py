"""lightgbm.basic: the Booster."""

from __future__ import annotations

from typing import Any

import numpy as np
from lightgbm.basic import Booster

from ...graph.block import Block
from ..registry import Outputs, converts, references
from .features import features
from .margin import leaves, margin
from .model import read
from .objectives import predicted, squeezed

# What an output is called here, and the argument of LightGBM's `predict` that asks for it.
ARGUMENTS = {"margin": "raw_score", "decision_function": "raw_score", "apply": "pred_leaf"}


@converts(Booster)
def booster(model: Booster, block: Block) -> Outputs:
    """`predict` is what `Booster.predict` answers for its objective, `margin` the raw score, `apply` the leaf in each tree, int32.

    Up to the best iteration where training stopped early. A custom objective has no link: the raw score is what LightGBM, too,
    answers for it.
    """
    content = read(model)
    x = features(block, content)
    raw = margin(content, x, sparse=block.sparse)
    return {
        "predict": predicted(content, raw),
        "margin": squeezed(raw),
        "apply": leaves(content, x, sparse=block.sparse),
    }


@references(Booster)
def booster_reference(model: Booster, data: Any, output: str) -> np.ndarray:
    """`predict` with the argument that asks for the output."""
    asked = {ARGUMENTS[output]: True} if output in ARGUMENTS else {}
    return np.asarray(model.predict(data, num_threads=1, **asked))

"""lightgbm.basic: the Booster."""

from __future__ import annotations

from typing import Any

import numpy as np
from lightgbm.basic import Booster

from ...frames.read import library
from ...frames.rebuild import to_pandas
from ...graph.block import Block
from ...graph.values import squeezed
from ..registry import Outputs, converts, references
from .features import features
from .margin import raw_and_leaves
from .model import read
from .objectives import predicted

# What an output is called here, and the argument of LightGBM's `predict` that asks for it.
ARGUMENTS = {"margin": "raw_score", "decision_function": "raw_score", "apply": "pred_leaf"}


@converts(Booster)
def booster(model: Booster, block: Block) -> Outputs:
    """`predict` is what `Booster.predict` answers for its objective, `margin` the raw score, `apply` the leaf in each tree.

    Up to the best iteration where training stopped early. A custom objective has no link: the raw score is what LightGBM, too,
    answers for it.
    """
    content = read(model, sparse=block.sparse)
    raw, leaves = raw_and_leaves(content, features(block, content), sparse=block.sparse)
    return {"predict": predicted(content, raw), "margin": squeezed(raw), "apply": leaves}


@references(Booster)
def booster_reference(model: Booster, data: Any, output: str) -> np.ndarray:
    """`predict` with the argument that asks for the output."""
    asked = {ARGUMENTS[output]: True} if output in ARGUMENTS else {}
    return np.asarray(model.predict(in_rows(data), num_threads=1, **asked))


def in_rows(data: Any) -> Any:
    """The data in the container that LightGBM is proved with: polars frames as pandas', sparse matrices as compressed rows.

    What it answers differs in nothing but numbers within 1e-35 of zero, which it takes for zero in some containers only, and
    in polars' Enum columns, at which LightGBM 4.7 ends the process.
    """
    if hasattr(data, "tocsr"):
        return data.tocsr()
    return to_pandas(data) if library(data) == "polars" else data

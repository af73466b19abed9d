"""sklearn.preprocessing._target_encoder."""

from __future__ import annotations

import numpy as np
from sklearn.preprocessing import TargetEncoder

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, concat, constant
from ...registry import converts
from ..categories import look_up


@converts(TargetEncoder)
def target_encoder(encoder: TargetEncoder, block: Block) -> Block:
    """The fitted encoding of each category; an unknown one gets the mean of the target. One column per class where there
    are three or more, the classes of one feature side by side. Source: `_transform_X_ordinal`.
    """
    columns = block.columns()
    if len(columns) != len(encoder.categories_):
        raise UnsupportedError(expected=f"{len(encoder.categories_)} columns", got=str(len(columns)))
    several = encoder.target_type_ == "multiclass"
    count = len(encoder.classes_) if several else 1
    encoded = []
    for i, column in enumerate(columns):
        known = np.stack(encoder.encodings_[i * count : (i + 1) * count], axis=1)
        table = np.vstack([known, np.reshape(encoder.target_mean_, (1, count))])
        encoded.append(look_up(column, encoder.categories_[i], table if several else table[:, 0]))
    result = ops.squeeze(concat(encoded, axis=2), constant([1])) if several else concat(encoded)
    return Block.matrix_of(cast(result, working(np.float64)), len(columns) * count)

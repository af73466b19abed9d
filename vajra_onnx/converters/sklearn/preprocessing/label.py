"""sklearn.preprocessing._label: labels to indices, and to indicator columns."""

from __future__ import annotations

import numpy as np
from sklearn.preprocessing import LabelBinarizer, LabelEncoder

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, Part
from ....graph.values import constant
from ...registry import Outputs, converts
from ..categories import look_up


@converts(LabelEncoder)
def label_encoder(encoder: LabelEncoder, block: Block) -> Outputs:
    """The index of each label in `classes_`, [N]. Refuses a label that was not seen."""
    labels = _labels(block)
    if labels.dtype.kind == "f" and encoder.classes_.dtype.kind not in "fO":
        raise UnsupportedError("labels", expected=str(encoder.classes_.dtype), got=f"{labels.dtype}, which would be cut off")
    index = look_up(labels, encoder.classes_, np.arange(len(encoder.classes_)), "unknown label (LabelEncoder)")
    return {"transform": ops.reshape(index, constant([-1]))}


@converts(LabelBinarizer)
def label_binarizer(binarizer: LabelBinarizer, block: Block) -> Block:
    """`pos_label` in the column of each row's class, else `neg_label`; a row of an unknown class has `neg_label` only.

    Two classes: one column, the indicator of the second. An unknown label is refused there, because the original's number
    of columns then depends on the other rows; and in a column of floats, where the original refuses fractions.
    """
    labels = _labels(block)
    count = len(binarizer.classes_)
    if binarizer.y_type_ not in ("binary", "multiclass"):
        raise UnsupportedError("labels", expected="binary | multiclass", got=binarizer.y_type_)
    refusal = "unknown label (LabelBinarizer)" if count < 3 or labels.dtype.kind == "f" else None
    dtype = labels.dtype if labels.dtype.kind == "i" else np.dtype(np.int64)
    rows = np.full((count + 1, count), binarizer.neg_label, dtype)
    if count > 1:
        np.fill_diagonal(rows, binarizer.pos_label)
    rows = rows[:, -1:] if count == 2 else rows
    hot = look_up(labels, binarizer.classes_, rows[:-1] if refusal else rows, refusal)
    return Block.matrix_of(ops.squeeze(hot, constant([1])), rows.shape[1], sparse=binarizer.sparse_output)


def _labels(block: Block) -> Part:
    if block.width != 1:
        raise UnsupportedError("labels", expected="one column", got=str(block.width))
    return block.column(0)

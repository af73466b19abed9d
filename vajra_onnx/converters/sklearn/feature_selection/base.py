"""sklearn.feature_selection._base: what every selector does with its mask."""

from __future__ import annotations

from dataclasses import replace

from sklearn.feature_selection import SelectorMixin
from sklearn.utils._set_output import _get_output_config

from ....errors import UnsupportedError
from ....graph.block import Block, Part, SparsePart
from ....graph.values import cast


def selected(model: SelectorMixin, block: Block) -> Block:
    """The columns of `get_support()`.

    A DataFrame that stays one (`set_output`) keeps the dtype of each column. Otherwise all columns, also those that are left
    out, have decided the dtype of the array. Raises UnsupportedError where no column is left.
    """
    indices = model.get_support(indices=True)
    if not len(indices):
        raise UnsupportedError("a selector that selects no column", expected="at least one of them", got="none")
    if block.frame and _get_output_config("transform", estimator=model)["dense"] != "default":
        return block.select(indices)
    common = block.dtype
    chosen = block.select(indices)
    entries = chosen.entries(common)
    if entries is not None:
        return replace(block, parts=(SparsePart(entries),), frame=False)
    parts = tuple(Part(cast(part.var, common), part.width) for part in chosen.parts)
    return replace(block, parts=parts, frame=False)

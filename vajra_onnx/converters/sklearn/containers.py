"""What a step's output is held in: an array has one dtype and no names, a DataFrame has both per column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.utils._set_output import _auto_wrap_is_configured, _get_output_config

from ...errors import UnsupportedError
from ...graph import ops
from ...graph.block import Block, Part, SparsePart, working
from ...graph.values import cast, constant
from ..registry import transform


def step_output(model: Any, block: Block) -> Block:
    """What `model.transform` hands to the next step."""
    return held(model, transform(model, block))


def held(model: Any, result: Block) -> Block:
    """The transformer's result in the container that its `set_output` asks for: a DataFrame has names to select by."""
    if not _asks_for_frame(model) or not _auto_wrap_is_configured(model):
        return result
    columns = result if result.frame else hstack([result])
    return replace(columns.named([str(name) for name in model.get_feature_names_out()]), frame=True)


def side_by_side(model: Any, results: Sequence[Block], *, sparse: bool) -> Block:
    """The results of a ColumnTransformer's or FeatureUnion's transformers, put together as its `_hstack` does."""
    if _asks_for_frame(model) and all(r.frame for r in results):
        return Block.concat(results, frame=True)
    return hstack(results, sparse=sparse)


def hstack(blocks: Sequence[Block], *, sparse: bool = False) -> Block:
    """numpy.hstack, or scipy.sparse.hstack: one array, hence one dtype for all its numbers.

    Beside text, and where a DataFrame mixes booleans with numbers, the array is of Python objects; scikit-learn reads
    numbers from it as float64. Whole numbers and booleans alone stay whole until something reads them.
    """
    parts = [p for b in blocks for p in b.parts if p.width]
    numbers = [p.dtype for p in parts if _is_number(p)]
    objects = len(numbers) < len(parts) or (not sparse and any(_mixes_booleans(b) for b in blocks))
    together = np.result_type(*numbers, np.int64 if objects else np.bool_) if numbers else np.dtype(np.float64)
    common = working(np.float64 if objects and together.kind == "f" else together)
    if sparse and len(numbers) < len(parts):
        raise UnsupportedError("text or datetimes in a sparse matrix")
    return Block(
        tuple(_in_array(p, common, objects) for p in parts),
        sparse=sparse,
        stored_zeros=sparse and any(b.stored_zeros for b in blocks),
    )


def weighted(block: Block, weight: float | None) -> Block:
    """`X * weight`, column by column, in numpy's promoted dtype."""
    if weight is None:
        return block
    if block.sparse and weight == 0:
        raise UnsupportedError("a weight of 0 for a sparse result", hint="drop the transformer instead")
    return replace(block, parts=tuple(_product(p, weight) for p in block.parts))


def _in_array(part: Part | SparsePart, dtype: np.dtype[Any], objects: bool) -> Part | SparsePart:
    if isinstance(part, SparsePart):
        return SparsePart(part.entries.cast(dtype))
    if not _is_number(part):
        return Part(part.var, part.width, datetime=part.datetime, origin=part.origin)
    product = part.product if part.dtype == dtype else None
    return Part(cast(part.var, dtype), part.width, joined=objects, origin=part.origin, product=product)


def _product(part: Part | SparsePart, weight: float) -> Part | SparsePart:
    if not _is_number(part):
        raise UnsupportedError("a weight for text or datetimes")
    dtype = working(np.result_type(part.dtype, weight))
    factor = constant(weight, dtype)
    if isinstance(part, SparsePart):
        entries = part.entries.cast(dtype)
        return replace(part, entries=replace(entries, values=ops.mul(entries.values, factor)))
    return Part(ops.mul(cast(part.var, dtype), factor), part.width, part.names)


def _asks_for_frame(model: Any) -> bool:
    return bool(_get_output_config("transform", model)["dense"] != "default")


def _is_number(part: Part | SparsePart) -> bool:
    return not part.is_string and not part.datetime


def _mixes_booleans(block: Block) -> bool:
    """Whether numpy.asarray of this DataFrame is an array of objects."""
    kinds = {p.dtype for p in block.parts}
    return block.frame and np.dtype(bool) in kinds and len(kinds) > 1

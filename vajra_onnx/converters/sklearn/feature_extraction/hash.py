"""sklearn.feature_extraction._hash: the keys and texts of a row, hashed to columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sklearn.feature_extraction import FeatureHasher
from sklearn.utils import murmurhash3_32

from ....errors import UnsupportedError
from ....frames.missing import NA, NAN, NO_KEY, NONE
from ....graph import contrib, ops
from ....graph.block import Block, Part, working
from ....graph.entries import counted
from ....graph.refuse import gather_or_refuse
from ....graph.text.arrangement import look_up
from ....graph.text.marks import unmarked
from ....graph.values import cast, concat, constant, constant_like
from ...registry import converts
from .mappings import Slots, as_values, dtype_of_result, in_every_row, keys_of, together

OWNER = "FeatureHasher"
TEXT, NOTHING, NOT_A_NUMBER, REFUSED = 0, 1, 2, 3


@converts(FeatureHasher)
def feature_hasher(model: FeatureHasher, block: Block) -> Block:
    """Numbers in the column that their key is hashed to, 1 in that of "key=text"; every other one with its sign changed.

    A 0 is left out, like a key that is absent. A NaN among texts is a NaN in the column of its key; None and pandas' NA are
    refused, as there. (In a column of numbers None is NaN here, whereas the original refuses it.) What falls into one column is
    added up in the order of the sample's keys; scipy adds 17 and more in an order of its own. Source: `_hashing_fast.transform`.
    """
    if model.input_type != "dict":
        hint = "rows of pairs or of strings have no columns; give it dicts, or HashingVectorizer the texts"
        raise UnsupportedError("FeatureHasher(input_type=...)", expected="'dict'", got=repr(model.input_type), hint=hint)
    width, dtype = int(model.n_features), dtype_of_result(model)
    texts, numbers = keys_of(model, block)
    slots = [_of_texts(texts)] if texts else []
    slots += [_of_numbers(numbers)] if numbers else []
    hashed, values = together(slots, block.names or ())
    columns = ops.mod(ops.abs(cast(hashed, np.int64)), constant(width))
    columns = ops.where(ops.equal(values, constant_like(values, 0)), constant(width), columns)
    if model.alternate_sign:
        values = ops.where(ops.less(hashed, constant(0, np.int32)), ops.neg(values), values)
    entries = counted(columns, width, as_values(values, dtype, OWNER))
    return replace(Block.of_entries(entries), stored_zeros=bool(numbers) or bool(model.alternate_sign))


def _of_texts(texts: dict[str, Part]) -> Slots:
    """Hashes and values of the keys that have text."""
    x = concat([column.var for column in texts.values()])
    kinds = look_up(x, {NO_KEY: NOTHING, NAN: NOT_A_NUMBER, NONE: REFUSED, NA: REFUSED}, TEXT)
    table = np.array([1.0, 0.0, np.nan], working(np.float64))
    values = gather_or_refuse(table, kinds, f"a kind of missing value that {OWNER} refuses")
    starts = constant(np.array([[f"{name}=" for name in texts]], dtype=object))
    hashed = contrib.murmur_hash(ops.string_concat(starts, unmarked(x)))
    alone = in_every_row(_hashes(texts), hashed)
    return Slots(tuple(texts), ops.where(ops.equal(kinds, constant(NOT_A_NUMBER)), alone, hashed), values)


def _of_numbers(numbers: dict[str, Part]) -> Slots:
    """Hashes and values of the keys that have numbers."""
    values = concat([cast(column.var, working(np.float64)) for column in numbers.values()])
    return Slots(tuple(numbers), in_every_row(_hashes(numbers), values), values)


def _hashes(names: dict[str, Part]) -> np.ndarray:
    return np.array([murmurhash3_32(name, seed=0) for name in names], np.int32)

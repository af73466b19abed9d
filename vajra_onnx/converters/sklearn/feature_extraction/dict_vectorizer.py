"""sklearn.feature_extraction._dict_vectorizer: a column for each number of a row, and one for each text that a key had.

Every row has a slot for each of its keys: which column it fills, and with what; 0 where it fills none.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer

from ....errors import UnsupportedError
from ....frames.missing import NA, NAN, NONE, encode_text
from ....graph import ops
from ....graph.block import Block, Part, working
from ....graph.entries import Entries, counted
from ....graph.refuse import REFUSED, gather_or_refuse
from ....graph.text.arrangement import look_up
from ....graph.values import concat, constant
from ...registry import converts
from .mappings import Slots, as_values, dtype_of_result, in_every_row, keys_of, together

OWNER = "DictVectorizer"


@converts(DictVectorizer)
def dict_vectorizer(model: DictVectorizer, block: Block) -> Block:
    """1 where a key has the text of that column, the number itself where it has a number; everything unknown is left out.

    Of a key that has text here, None and NaN are a NaN in the column of the key alone, where the fit has seen one; pandas' NA is
    refused, as there. The result is summed up (a negative zero becomes positive), as `csr_array.toarray` does.
    """
    dtype, width = _dtype(model), len(model.vocabulary_)
    texts, numbers = keys_of(model, block)
    features = {name: _of_key(model, name, name in texts) for name in block.names or ()}
    _refuse_shared(model, features)
    known = {name: column for name, column in numbers.items() if features[name]}
    keys, in_order = _order(features)
    slots = [_of_texts(model, texts, dtype, nowhere=0 if in_order else width)] if texts else []
    slots += [_of_numbers(model, known, dtype)] if known else []
    columns, values = together(slots or [_nothing(numbers, dtype)], keys)
    if in_order:
        entries = Entries(ops.transpose(columns, perm=[1, 0]), ops.transpose(values, perm=[1, 0]), width)
    else:
        entries = counted(columns, width, values)
    if not model.sparse:
        return Block.matrix_of(entries.dense(), width)
    return replace(Block.of_entries(entries), stored_zeros=bool(known))


def _dtype(model: DictVectorizer) -> np.dtype[Any]:
    """The dtype of the result. Raises UnsupportedError for what the vectorizer itself, or its fit, leaves without an answer."""
    if not callable(model.dtype):
        raise UnsupportedError("DictVectorizer(dtype=...)", expected="a type, such as np.float32", got=repr(model.dtype))
    if not model.vocabulary_:
        raise UnsupportedError("DictVectorizer fitted on rows without any key: it has no columns")
    if not all(isinstance(name, str) for name in model.vocabulary_):
        raise UnsupportedError("DictVectorizer fitted on keys that are not text")
    return dtype_of_result(model)


def _of_key(model: DictVectorizer, name: str, text: bool) -> dict[str, int]:
    """The features that a key may fill, and their columns: itself, or one for each of its texts."""
    start = f"{name}{model.separator}"
    return {f: int(i) for f, i in model.vocabulary_.items() if f == name or (text and f.startswith(start))}


def _order(features: dict[str, dict[str, int]]) -> tuple[list[str], bool]:
    """The keys in the order of their columns, and whether that is the order of the entries, too, because no key's columns lie
    between those of another; else the keys as they come."""
    spans = {name: (min(found.values(), default=-1), max(found.values(), default=-1)) for name, found in features.items()}
    keys = sorted(spans, key=lambda name: spans[name])
    there = [spans[name] for name in keys if features[name]]
    in_order = all(last < first for (_, last), (first, _) in pairwise(there))
    return (keys if in_order else list(features)), in_order


def _of_texts(model: DictVectorizer, texts: dict[str, Part], dtype: np.dtype[Any], nowhere: int) -> Slots:
    """Columns and values of the keys that have text. A text has the number of its column; a NaN in a column that number and
    `width + 1`. nowhere: the column of what fills none."""
    width, kind = len(model.vocabulary_), working(dtype)
    found = concat([look_up(column.var, _numbered(model, name, dtype), width) for name, column in texts.items()])
    places = np.concatenate([np.arange(width), [nowhere], np.arange(width)])
    columns = gather_or_refuse(places, found, f"a kind of missing value that {OWNER} refuses")
    ones = np.concatenate([np.ones(width, kind), np.zeros(1, kind), np.full(width, np.nan if kind.kind == "f" else 0, kind)])
    return Slots(tuple(texts), columns, ops.gather(constant(ones), found, axis=0))


def _numbered(model: DictVectorizer, name: str, dtype: np.dtype[Any]) -> dict[str, int]:
    """The number of each text of a key, and of each kind of missing value."""
    width, start = len(model.vocabulary_), f"{name}{model.separator}"
    missing = {NAN: width, NONE: width, NA: int(REFUSED)}
    if name in model.vocabulary_:
        alone = width + 1 + int(model.vocabulary_[name]) if dtype.kind == "f" else int(REFUSED)  # no integer is NaN
        nothing = int(REFUSED) if model.dtype is float else alone  # float(None) raises, np.float64(None) is NaN
        missing |= {NAN: alone, NONE: nothing}
    own = {f: int(i) for f, i in model.vocabulary_.items() if f.startswith(start)}
    return missing | {str(encode_text(feature[len(start) :])): i for feature, i in own.items()}


def _of_numbers(model: DictVectorizer, numbers: dict[str, Part], dtype: np.dtype[Any]) -> Slots:
    """Columns and values of the keys that have numbers."""
    values = concat([as_values(part.var, dtype, OWNER) for part in numbers.values()])
    places = np.array([model.vocabulary_[name] for name in numbers])
    return Slots(tuple(numbers), in_every_row(places, values), values)


def _nothing(numbers: dict[str, Part], dtype: np.dtype[Any]) -> Slots:
    """Of rows of numbers that the model does not know: nothing, in the first column."""
    key, like = next((name, column.var) for name, column in numbers.items())
    return Slots((key,), in_every_row(np.zeros(1, np.int64), like), in_every_row(np.zeros(1, working(dtype)), like))


def _refuse_shared(model: DictVectorizer, features: dict[str, dict[str, int]]) -> None:
    """Of a sparse matrix that has two entries in one place, nobody says in which order they are added."""
    owners = Counter(feature for found in features.values() for feature in found)
    twice = [feature for feature, count in owners.items() if count > 1]
    if twice and model.sparse:
        raise UnsupportedError(f"two keys of a row that share the feature {twice[0]!r}", hint="DictVectorizer(sparse=False)")

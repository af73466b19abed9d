"""sklearn.feature_extraction._dict_vectorizer: a column for each number of a row, and one for each text that a key had.

Every row has a slot for each of its keys: which column it fills (the number of columns for none), and with what.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
from sklearn.feature_extraction import DictVectorizer

from ....errors import UnsupportedError
from ....frames.missing import NA, NAN, NONE, encode_text
from ....graph import ops
from ....graph.block import Block, Part, working
from ....graph.entries import counted
from ....graph.refuse import REFUSED, gather_or_refuse
from ....graph.values import concat, constant
from ...registry import converts
from .arrangement import look_up
from .mappings import Slots, as_values, dtype_of_result, in_every_row, keys_of, together

OWNER = "DictVectorizer"


@converts(DictVectorizer)
def dict_vectorizer(model: DictVectorizer, block: Block) -> Block:
    """1 where a key has the text of that column, the number itself where it has a number; everything unknown is left out.

    Of a key that has text here, None and NaN are a NaN in the column of the key alone, where the fit has seen one; pandas' NA is
    refused, as there. The result is summed up (a negative zero becomes positive), as `csr_array.toarray` does.
    """
    if not all(isinstance(name, str) for name in model.vocabulary_):
        raise UnsupportedError("DictVectorizer fitted on keys that are not text")
    dtype, width = dtype_of_result(model), len(model.vocabulary_)
    if not callable(model.dtype):
        raise UnsupportedError("DictVectorizer(dtype=...)", expected="a type, such as np.float32", got=repr(model.dtype))
    if not width:
        raise UnsupportedError("DictVectorizer fitted on rows without any key: it has no columns")
    texts, numbers = keys_of(model, block)
    known = {name: column for name, column in numbers.items() if name in model.vocabulary_}
    _refuse_shared(model, list(texts), list(known))
    slots = [_of_texts(model, texts, dtype)] if texts else []
    slots += [_of_numbers(model, known, dtype)] if known else []
    columns, values = together(slots or [_nothing(model, numbers, dtype)], block)
    entries = counted(columns, width, values)
    if not model.sparse:
        return Block.matrix_of(entries.dense(), width)
    return replace(Block.of_entries(entries), stored_zeros=bool(known))


def _of_texts(model: DictVectorizer, texts: dict[str, Part], dtype: np.dtype) -> Slots:
    """Columns and values of the keys that have text. A text has the number of its column, a NaN in a column that number and
    `width + 1`."""
    width = len(model.vocabulary_)
    found = concat([look_up(column.var, _table(model, name, dtype), width) for name, column in texts.items()])
    places = np.append(np.arange(width + 1), np.arange(width))
    columns = gather_or_refuse(places, found, f"a kind of missing value that {OWNER} refuses")
    kind = working(dtype)
    if dtype.kind == "f" and any(name in model.vocabulary_ for name in texts):
        values = ops.gather(constant(np.append(np.ones(width + 1, kind), np.full(width, np.nan, kind))), found, axis=0)
    else:
        values = in_every_row(np.ones(len(texts), kind), columns)
    return Slots(tuple(texts), columns, values)


def _table(model: DictVectorizer, name: str, dtype: np.dtype) -> dict[str, int]:
    """The number of each text of a key, and of each kind of missing value."""
    width, start = len(model.vocabulary_), f"{name}{model.separator}"
    found = {feature[len(start) :]: int(i) for feature, i in model.vocabulary_.items() if feature.startswith(start)}
    missing = {NAN: width, NONE: width, NA: int(REFUSED)}
    if name in model.vocabulary_:
        alone = width + 1 + int(model.vocabulary_[name]) if dtype.kind == "f" else int(REFUSED)  # no integer is NaN
        nothing = int(REFUSED) if model.dtype is float else alone  # float(None) raises, np.float64(None) is NaN
        missing |= {NAN: alone, NONE: nothing}
    return missing | {str(encode_text(text)): i for text, i in found.items()}


def _of_numbers(model: DictVectorizer, numbers: dict[str, Part], dtype: np.dtype) -> Slots:
    """Columns and values of the keys that have numbers."""
    values = concat([as_values(part.var, dtype, OWNER) for part in numbers.values()])
    places = np.array([model.vocabulary_[name] for name in numbers])
    return Slots(tuple(numbers), in_every_row(places, values), values)


def _nothing(model: DictVectorizer, numbers: dict[str, Part], dtype: np.dtype) -> Slots:
    """Of rows of numbers that the model does not know, no column is filled."""
    key, like = next((name, column.var) for name, column in numbers.items())
    nowhere, zero = np.array([len(model.vocabulary_)]), np.zeros(1, working(dtype))
    return Slots((key,), in_every_row(nowhere, like), in_every_row(zero, like))


def _refuse_shared(model: DictVectorizer, texts: list[str], numbers: list[str]) -> None:
    """Of a sparse matrix that has two entries in one place, nobody says in which order they are added."""
    owners = Counter(numbers)
    for name in texts:
        start = f"{name}{model.separator}"
        owners.update(feature for feature in model.vocabulary_ if feature == name or feature.startswith(start))
    twice = [feature for feature, count in owners.items() if count > 1]
    if twice and model.sparse:
        raise UnsupportedError(f"two keys of a row that share the feature {twice[0]!r}", hint="DictVectorizer(sparse=False)")

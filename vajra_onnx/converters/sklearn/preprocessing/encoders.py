"""sklearn.preprocessing._encoders: OneHotEncoder and OrdinalEncoder."""

from __future__ import annotations

from itertools import groupby

import numpy as np
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, Part, working
from ....graph.values import cast, concat, constant
from ...registry import converts
from ..categories import look_up
from ..choices import Codes, chosen_of, chosen_rows, codes_of

# Up to this many output columns a one-hot row is read from a table, which is quickest; the table grows with the square.
TABLE_WIDTH = 256


@converts(OneHotEncoder)
def one_hot_encoder(encoder: OneHotEncoder, block: Block) -> Block:
    """One column per category, after the infrequent ones are grouped and the dropped ones left out; unknown ones are zeros.

    Refuses an unknown category where `handle_unknown="error"`.
    """
    columns = _columns(encoder, block)
    dtype = _dtype(encoder)
    parts: list[Part] = []
    for by_table, run in groupby(enumerate(columns), key=lambda place: encoder._n_features_outs[place[0]] <= TABLE_WIDTH):
        if by_table:
            choices = chosen_of(_choice(encoder, i, column, dtype) for i, column in run)
            parts += [Part(chosen_rows(chosen), sum(chosen.widths), origin=chosen) for chosen in choices if any(chosen.widths)]
        else:
            parts += [_compared(encoder, i, column, dtype) for i, column in run]
    return Block(tuple(parts), sparse=encoder.sparse_output)


@converts(OrdinalEncoder)
def ordinal_encoder(encoder: OrdinalEncoder, block: Block) -> Block:
    """The index of each category, after the infrequent ones are grouped; missing and unknown ones get their own values."""
    columns = _columns(encoder, block)
    dtype = _dtype(encoder)
    codes = [look_up(c, encoder.categories_[i], *_ordinals(encoder, i, c, dtype)) for i, c in enumerate(columns)]
    return Block.matrix_of(cast(concat(codes), dtype), len(columns))


def _choice(encoder: OneHotEncoder, i: int, column: Part, dtype: np.dtype) -> tuple[Codes, np.ndarray]:
    """The codes of one feature and the one-hot rows that they choose."""
    width = int(encoder._n_features_outs[i])
    codes, refusal = _codes(encoder, i, column, width)
    return codes_of(column, encoder.categories_[i], codes, refusal), np.eye(width + 1, width, dtype=dtype)


def _compared(encoder: OneHotEncoder, i: int, column: Part, dtype: np.dtype) -> Part:
    """The columns of one feature, [N, width]."""
    width = int(encoder._n_features_outs[i])
    code = look_up(column, encoder.categories_[i], *_codes(encoder, i, column, width))
    return Part(cast(ops.equal(code, constant(np.arange(width)[None])), dtype), width)


def _codes(encoder: OneHotEncoder, i: int, column: Part, width: int) -> tuple[np.ndarray, str | None]:
    """The output column of each category, `width` for none; and the same of an unknown one, or the message that refuses it."""
    codes, refusal = _hot(encoder, i, width), _refusal(encoder, i, column)
    return (codes[:-1], refusal) if refusal else (codes, None)


def _hot(encoder: OneHotEncoder, i: int, width: int) -> np.ndarray:
    """The output column of each category and, last, of an unknown one; `width` where all are zero. Source: `transform`."""
    codes = _grouped(encoder, i)
    grouped = encoder._infrequent_enabled and encoder._infrequent_indices[i] is not None
    joins = grouped and encoder.handle_unknown in ("infrequent_if_exist", "warn")
    codes = np.append(codes, codes.max() if joins else -1)
    drop = None if encoder._drop_idx_after_grouping is None else encoder._drop_idx_after_grouping[i]
    if drop is not None:
        codes = np.where(codes == drop, -1, codes - (codes > drop))
    return np.where(codes < 0, width, codes)


def _ordinals(encoder: OrdinalEncoder, i: int, column: Part, dtype: np.dtype) -> tuple[np.ndarray, str | None]:
    """The value of each category and, last, of an unknown one, or the message that refuses it. Source: `transform`."""
    values = _grouped(encoder, i).astype(dtype)
    if i in encoder._missing_indices:
        values[encoder._missing_indices[i]] = encoder.encoded_missing_value
    refusal = _refusal(encoder, i, column)
    if refusal is None:
        values = np.append(values, np.array([encoder.unknown_value]).astype(dtype))
    # float64 and int64 are what the LabelEncoder itself can give; both hold every value of the smaller types.
    return values.astype(np.float64 if dtype.kind == "f" else np.int64), refusal


def _grouped(encoder: OneHotEncoder | OrdinalEncoder, i: int) -> np.ndarray:
    """The code of each category: its index, or where infrequent ones are grouped, its index among the groups.

    The OrdinalEncoder keeps a missing category, which is the last one, out of the groups.
    """
    known = np.arange(len(encoder.categories_[i]))
    mapping = encoder._default_to_infrequent_mappings[i] if encoder._infrequent_enabled else None
    return known if mapping is None else np.append(mapping, known[len(mapping) :])


def _refusal(encoder: OneHotEncoder | OrdinalEncoder, i: int, column: Part) -> str | None:
    if encoder.handle_unknown != "error":
        return None
    names = column.names or getattr(encoder, "feature_names_in_", None)
    name = i if names is None else repr(str(names[0] if column.names else names[i]))
    return f"unknown category in column {name} ({type(encoder).__name__} handle_unknown='error')"


def _columns(encoder: OneHotEncoder | OrdinalEncoder, block: Block) -> list[Part]:
    columns = block.columns()
    if len(columns) != len(encoder.categories_):
        raise UnsupportedError(expected=f"{len(encoder.categories_)} columns", got=str(len(columns)))
    return columns


def _dtype(encoder: OneHotEncoder | OrdinalEncoder) -> np.dtype:
    dtype = np.dtype(encoder.dtype)
    if dtype.kind not in "iufb":
        raise UnsupportedError("dtype of the output", expected="numbers", got=str(dtype))
    return working(dtype)

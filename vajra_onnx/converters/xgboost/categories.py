"""Categorical columns: from values to the codes that the trees ask for.

From 3.1 on XGBoost keeps the categories of the training frame in the model and recodes every other frame to them; a model
without them is given the frame's own codes. Source: src/encoder/ordinal.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from spox import Var

from ...errors import UnsupportedError
from ...frames.missing import SENTINELS, encode_text
from ...graph import ops
from ...graph.block import Part
from ...graph.refuse import gather_or_refuse
from ...graph.values import cast, constant, dtype_of

Category = str | int


@dataclass(frozen=True)
class Training:
    """The categories of one feature in the training frame, in the order of their codes: integers, or UTF-8 as XGBoost cut it.

    From pandas, XGBoost cuts the text of all categories at offsets that count characters, in bytes: with any character
    beyond ASCII the pieces are not the categories.
    """

    numbers: tuple[int, ...] = ()
    pieces: tuple[bytes, ...] = ()

    def codes(self, frame: Sequence[Any]) -> dict[Category, int]:
        """The code of each category. frame: the categories of the frame to predict, which settle what the pieces stand for.

        Where two pieces are equal XGBoost finds the first: it, too, confuses these categories.
        """
        if self.numbers:
            return {number: code for code, number in enumerate(self.numbers)}
        if all(piece.isascii() for piece in self.pieces):
            return {piece.decode(): code for code, piece in enumerate(self.pieces)}
        texts = tuple(str(c) for c in frame)
        if self.pieces in (_cut(texts), tuple(t.encode() for t in texts)):
            return {text: self.pieces.index(piece) for text, piece in zip(texts, self.pieces, strict=True)}
        raise UnsupportedError(
            "categories beyond ASCII, which XGBoost stores cut at the wrong places",
            expected="a sample whose column has the training frame's categories, in their order",
            got=", ".join(map(repr, texts[:5])),
        )


def training_categories(stored: dict[str, Any] | None, n_features: int) -> tuple[Training | None, ...]:
    """For each feature the categories that the model keeps, or None. stored: the `cats` of the model's JSON."""
    columns = (stored or {}).get("enc") or [{"values": []}] * n_features
    return tuple(_training(column) if column["values"] else None for column in columns)


def _training(column: dict[str, Any]) -> Training:
    if "offsets" not in column:
        return Training(numbers=tuple(column["values"]))
    text = np.array(column["values"], np.int8).tobytes()
    offsets = column["offsets"]
    return Training(pieces=tuple(text[a:b] for a, b in pairwise(offsets)))


def _cut(texts: Sequence[str]) -> tuple[bytes, ...]:
    """The texts as XGBoost stores them from pandas: as many bytes as there are characters, cut by characters."""
    together = "".join(texts)
    data, stop = together.encode()[: len(together)], np.cumsum([0, *map(len, texts)])
    return tuple(data[a:b] for a, b in pairwise(stop))


def codes(column: Part, training: Training | None) -> Var:
    """The code of each value as float32 [N, 1], missing values as NaN.

    An unknown category is refused in the graph where the model keeps those of the training frame (see `unseen.py`); else its
    code is the next one, as in a frame whose categories it has joined.
    """
    name = (column.names or ("?",))[0]
    frame = column.categories or ()
    known = {c: code for code, c in enumerate(frame)} if training is None else training.codes(frame)
    kinds = {type(c) for c in known} | {type(c) for c in frame}
    if len(kinds) != 1 or not kinds <= {str, int}:
        raise UnsupportedError(
            f"categories of column {name!r}",
            expected="text, or integers, as in the training data",
            got=", ".join(sorted(k.__name__ for k in kinds)),
        )
    table = np.array([*known.values(), np.nan], np.float32)
    position = _position(column.var, tuple(known))
    if training is None:
        return ops.gather(constant(np.append(table, np.float32(len(known)))), position, axis=0)
    return gather_or_refuse(table, position, f"a category of column {name!r} that the model was not trained on")


def _position(values: Var, known: Sequence[Category]) -> Var:
    """Where each value stands among `known`; the length of it for a missing value, one more for an unknown one."""
    count = len(known)
    places = [*range(count)]
    if isinstance(known[0], str):
        keys = [encode_text(k) for k in known]
        return ops.label_encoder(
            values,
            keys_strings=[*(k for k in keys if k is not None), *SENTINELS],
            values_int64s=places + [count] * len(SENTINELS),
            default_int64=count + 1,
        )
    if dtype_of(values).kind != "f":
        return ops.label_encoder(
            cast(values, np.int64), keys_int64s=[int(k) for k in known], values_int64s=places, default_int64=count + 1
        )
    return ops.label_encoder(  # integers with missing values
        cast(values, np.float64),
        keys_tensor=np.array([*known, np.nan], np.float64),
        values_tensor=np.array([*places, count], np.int64),
        default_tensor=np.array([count + 1], np.int64),
    )

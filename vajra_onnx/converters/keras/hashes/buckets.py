"""From text, or numbers as text, to the bucket of its hash."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.target import current
from ....graph.text.words import Words
from ....graph.values import cast, constant, is_string
from ..tensor import shape_of
from .farm import fingerprint, remainder
from .sip import sip_hash


def buckets(x: Var, count: int, salt: Sequence[int] | None) -> Var:
    """int64 of the shape of `x`, 0 to count - 1: by FarmHash, or with a salt by SipHash.

    x: text, which is hashed as UTF-8, or whole numbers, which are hashed as their decimal digits (`tf.as_string`).
    """
    return remainder(hashed(x, fingerprint if salt is None else lambda words: sip_hash(words, salt)), count)


def hashed(x: Var, function: Callable[[Words], Var]) -> Var:
    """The hash of each element, int64 of the shape of `x`. Each text is hashed once, however often it occurs."""
    if current().opset < 20:  # without which ONNX has no operators of text
        raise UnsupportedError(
            "hashes of text", expected="ai.onnx 20 or later", got=f"ai.onnx {current().opset}",
            hint="convert with the default --target-opset",
        )  # fmt: skip
    text = x if is_string(x) else ops.cast(cast(x, np.int64), to=np.str_)
    found = ops.unique(ops.reshape(text, constant([-1])))
    each = ops.gather(ops.reshape(function(Words.of(found[0])), constant([-1])), found[2], axis=0)
    rest = shape_of(x)[1:]
    known = [size for size in rest if size is not None]
    # What is known of the shape stays known: one_hot drops a last axis of size 1.
    return ops.reshape(each, constant([-1, *known]) if len(known) == len(rest) else ops.shape(x))

"""N-grams as `tf.strings.ngrams` makes them: runs of tokens joined by blanks, one width behind another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from spox import Var

from .....graph import ops
from .....graph.text.arrangement import compacted, equals, filled, replaced, span
from .....graph.values import cast, concat, constant
from ...tensor import shape_of
from ...values import ints


def ngrams(tokens: Var, widths: Sequence[int]) -> Var:
    """Those of every token along the last axis. tokens: [..., T] -> [..., G]."""
    result = concat(_runs(tokens, widths), -1)
    *others, size = shape_of(tokens)
    count = None if size is None else sum(max(size - width + 1, 0) for width in widths)
    if None in others[1:] or not count:
        return result
    return ops.reshape(result, ints([-1, *(s for s in others[1:] if s is not None), count]))


def ngrams_of_rows(tokens: Var, widths: Sequence[int], in_front: bool) -> Var:
    """Those of rows of unequal length. tokens: [M, T], "" behind the last one of a row -> [M, G], "" where there is none.

    in_front: those that there are come first in their row, in their order, and the longest row fills the width.
    """
    lasts = [equals(span(tokens, width - 1, 0), "") for width in widths]
    runs = [replaced(run, none, "") for run, none in zip(_runs(tokens, widths), lasts, strict=True)]
    if len(runs) == 1 or not in_front:
        return concat(runs)
    every = concat([*runs, filled(tokens, 1, "")])  # so that there is one, if only texts without any came
    some = ops.not_(equals(every, ""))
    most = ops.reduce_max(ops.reduce_sum(cast(some, np.int64), constant([1]), keepdims=1), constant([0]), keepdims=0)
    return ops.slice(compacted(every, some, ""), constant([0]), most, constant([1]))


def _runs(tokens: Var, widths: Sequence[int]) -> list[Var]:
    """[..., T - width + 1] for each width, nothing where that is below 0."""
    run, found = tokens, {1: tokens}
    for width in range(2, max(widths) + 1):
        before = ops.string_concat(span(run, 0, -1), constant(" "))
        found[width] = run = ops.string_concat(before, span(tokens, width - 1, 0))
    return [found[width] for width in widths]

"""CTRs in the graph: several features become one hash, and the hash finds its statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.bits import plus, times
from ...graph.values import cast, concat, constant
from .categories import holds
from .ctrs import Ctr, Projection

# The factor of `CalcHash` in catboost/libs/helpers/hash.h.
FACTOR = 0x4906BA494954CB65


def statistics(ctrs: Sequence[Ctr], combined: Mapping[Projection, Var]) -> Var:
    """The statistics of each row, float32 [N, C]. combined: the hash of each projection, int64 [1, N].

    Those of one table are looked up together.
    """
    tables: dict[int, list[int]] = {}
    for number, ctr in enumerate(ctrs):
        tables.setdefault(id(ctr.keys), []).append(number)
    found = []
    for members in tables.values():
        first = ctrs[members[0]]
        count = len(first.keys)
        place = ops.label_encoder(
            combined[first.projection],
            keys_int64s=first.keys.tolist(),
            values_int64s=list(range(count)),
            default_int64=count,
        )
        found.append(ops.gather(constant(np.stack([ctrs[m].values for m in members], axis=1)), place, axis=0))
    order = np.argsort([m for members in tables.values() for m in members])
    together = ops.reshape(concat(found, axis=2), constant([-1, len(ctrs)]))
    return together if (np.diff(order) == 1).all() else ops.gather(together, constant(order), axis=1)


def combined_hashes(
    projections: Sequence[Projection], hashed: Var, place: Mapping[int, int], x: Var | None, number: Mapping[int, int]
) -> dict[Projection, Var]:
    """The hash of each projection, int64 [1, N].

    hashed: the hashes of categories [C, N], a feature's in the row that `place` tells. x: the numbers [F, N], a feature's in the
    row that `number` tells. Projections of equally many elements are computed together. Rows, as a Gather of rows is a copy.
    Source: `CalcHashes` in catboost/libs/model/ctr_provider.h.
    """
    everything, rows = _elements(projections, hashed, place, x, number)
    found: dict[Projection, Var] = {}
    for size in sorted(set(map(len, rows))):
        same = [i for i, own in enumerate(rows) if len(own) == size]
        first, *rest = np.array([rows[i] for i in same], np.int64).T
        total = times(ops.gather(everything, constant(first), axis=0), FACTOR * FACTOR)
        for chosen in rest:
            total = times(plus(total, times(ops.gather(everything, constant(chosen), axis=0), FACTOR)), FACTOR)
        found |= {projections[i]: ops.gather(total, constant([k]), axis=0) for k, i in enumerate(same)}
    return found


def _elements(
    projections: Sequence[Projection], hashed: Var, place: Mapping[int, int], x: Var | None, number: Mapping[int, int]
) -> tuple[Var, list[list[int]]]:
    """What the projections are made of, int64 [E, N], and the rows of each: hashes, then conditions as 0 or 1."""
    borders = {border: i for i, border in enumerate(dict.fromkeys(b for p in projections for b in p.borders))}
    hashes = {pair: i for i, pair in enumerate(dict.fromkeys(h for p in projections for h in p.hashes))}
    parts = [hashed]
    if borders:
        assert x is not None
        asked = ops.gather(x, constant([number[feature] for feature, _ in borders]), axis=0)
        parts.append(cast(ops.greater(asked, constant([[border] for _, border in borders], np.float32)), np.int64))
    if hashes:
        parts.append(cast(holds(hashed, [(place[feature], value) for feature, value in hashes]), np.int64))
    above, equal = len(place), len(place) + len(borders)
    rows = [
        [place[f] for f in p.categories] + [above + borders[b] for b in p.borders] + [equal + hashes[h] for h in p.hashes]
        for p in projections
    ]
    return concat(parts, axis=0), rows

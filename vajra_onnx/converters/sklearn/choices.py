"""Choices: for each category of a column a row of a table, for many columns in a handful of nodes.

Columns of text are looked up together, in the union of their categories: a second table, of all categories by all columns, has
what each of them means in each column. A node per column would be built, and run, as often as there are columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from spox import Var

from ...graph import ops
from ...graph.block import Part
from ...graph.origins import Chosen, Replaced
from ...graph.refuse import REFUSED, gather_or_refuse, rows_or_refuse
from ...graph.values import concat, constant, text_array
from .categories import keys_of, label_encoder

# From so many columns on, one look-up for all is quicker than one for each; the table of all categories may have so many entries.
TOGETHER = 8
MOST_ENTRIES = 2**16


@dataclass(frozen=True)
class Codes:
    """What the values of one column stand for. x: [N, 1]. keys: [K], in the type of `x`; values: int64 [K], the code of each;
    default: that of any other value. refusal: the message for the code REFUSED, where there is one."""

    x: Var
    keys: np.ndarray
    values: np.ndarray
    default: int
    refusal: str | None = None

    @property
    def company(self) -> tuple[bool, str | None]:
        """Columns that agree in it can be looked up together: text, with the same message."""
        return self.keys.dtype.kind == "U", self.refusal


def codes_of(column: Part, categories: np.ndarray, codes: np.ndarray, refusal: str | None = None) -> Codes:
    """The codes of a column [N, 1]. codes: of each category and, without a `refusal`, of every other value. Text that another
    step has replaced is looked up as it was before."""
    x, keys = keys_of(column, np.asarray(categories))
    default = int(REFUSED if refusal else codes[-1])
    values = np.asarray(codes[: len(keys)], np.int64)
    origin = column.origin
    if isinstance(origin, Replaced):
        known = dict(zip(keys.tolist(), values.tolist(), strict=True))
        moved = {old: known.get(new, default) for old, new in origin.texts[0].items()}
        known = {**known, **moved, **dict.fromkeys(origin.refused, int(REFUSED))}
        x, keys, values = origin.sources[0], text_array(list(known)), np.array(list(known.values()), np.int64)
        refusal = "; ".join(m for m in (refusal, origin.message if origin.refused else None) if m) or None
    return Codes(x, keys, values, default, refusal)


def chosen_of(columns: Iterable[tuple[Codes, np.ndarray]]) -> list[Chosen]:
    """Each column's row of its table, in as few choices as can be. The codes of a column are the places in its table."""
    found: list[Chosen] = []
    for (is_text, refusal), run in groupby(columns, key=lambda column: column[0].company):
        for group in _groups(list(run)) if is_text else [[column] for column in run]:
            codes, tables = zip(*group, strict=True)
            if len(group) >= TOGETHER:
                found.append(Chosen(_together(codes), tables, refusal))
            else:
                found += [Chosen(_alone(c), (table,), c.refusal) for c, table in group]
    return found


def chosen_rows(chosen: Chosen) -> Var:
    """The rows themselves, those of one column beside those of the next: [N, width]."""
    if len(chosen.tables) == 1:
        (table,) = chosen.tables
        if chosen.refusal:
            return rows_or_refuse(table, chosen.index, chosen.refusal)
        return ops.gather_nd(constant(table), chosen.index)
    column = np.repeat(np.arange(len(chosen.tables)), chosen.widths)
    entries = np.concatenate([table.T.ravel() for table in chosen.tables])
    sizes = np.repeat([len(table) for table in chosen.tables], chosen.widths)
    place = ops.gather(chosen.index, constant(column), axis=1)
    return _entry(entries, ops.add(place, constant(_starts(sizes)[None])), chosen.refusal)


def chosen_products(chosen: Chosen, weights: np.ndarray) -> Var:
    """The rows times these weights [width, K]: [N, K]. The products are looked up in place of the rows, and added up."""
    own = np.split(weights, np.cumsum(chosen.widths)[:-1])
    products = [(table @ w).astype(weights.dtype) for table, w in zip(chosen.tables, own, strict=True)]
    if len(products) == 1:
        return chosen_rows(replace(chosen, tables=tuple(products)))
    place = ops.add(chosen.index, constant(_starts([len(table) for table in products])[None]))
    return ops.reduce_sum(_entry(np.concatenate(products), place, chosen.refusal), constant([1]), keepdims=0)


def _entry(table: np.ndarray, index: Var, refusal: str | None) -> Var:
    """`table[index]`; what REFUSED is added to stays outside of every table."""
    return gather_or_refuse(table, index, refusal) if refusal else ops.gather(constant(table), index)


def _alone(codes: Codes) -> Var:
    return label_encoder(codes.x, codes.keys, codes.values, np.int64(codes.default))


def _together(columns: Sequence[Codes]) -> Var:
    """The codes of columns of text, [N, C]."""
    known = np.unique(np.concatenate([c.keys for c in columns]))
    codes = np.tile(np.array([c.default for c in columns]), (len(known) + 1, 1))
    for i, c in enumerate(columns):
        codes[np.searchsorted(known, c.keys), i] = c.values
    texts = concat([c.x for c in columns])
    if (codes == codes[:, :1]).all():
        return label_encoder(texts, known, codes[:-1, 0], codes[-1, 0])
    row = label_encoder(texts, known, np.arange(len(known)) * len(columns), np.int64(len(known) * len(columns)))
    return ops.gather(constant(codes.ravel()), ops.add(row, constant(np.arange(len(columns))[None])))


def _groups(columns: list[tuple[Codes, np.ndarray]]) -> list[list[tuple[Codes, np.ndarray]]]:
    """Neighbours that are looked up together: as many as keep the table of their categories small."""
    groups: list[list[tuple[Codes, np.ndarray]]] = [[]]
    known: set[str] = set()
    for column in columns:
        own = set(column[0].keys.tolist())
        if groups[-1] and (len(known | own) + 1) * (len(groups[-1]) + 1) > MOST_ENTRIES:
            groups.append([])
            known = set()
        groups[-1].append(column)
        known |= own
    return groups


def _starts(sizes: Sequence[int] | np.ndarray) -> np.ndarray:
    return np.cumsum([0, *sizes], dtype=np.int64)[:-1]

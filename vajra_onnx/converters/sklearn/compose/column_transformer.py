"""sklearn.compose._column_transformer: a transformer for each group of columns."""

from __future__ import annotations

from collections.abc import Sequence

from sklearn.compose import ColumnTransformer

from ....errors import UnsupportedError
from ....graph.block import Block
from ...registry import converts, step
from ..containers import side_by_side, step_output, weighted


@converts(ColumnTransformer)
def column_transformer(model: ColumnTransformer, block: Block) -> Block:
    """Each transformer's output on its own columns, side by side; whether that is sparse was settled when it was fitted."""
    place = _positions(model, block)
    weights = model.transformer_weights or {}
    results = []
    for name, transformer, _ in model.transformers_:
        indices = model._transformer_to_input_indices[name]
        if len(indices) and not _is(transformer, "drop"):
            with step(f"transformers[{name!r}]"):
                columns = block.select(place[i] for i in indices)
                result = columns if _is(transformer, "passthrough") else step_output(transformer, columns)
                results.append(weighted(result, weights.get(name)))
    return side_by_side(model, results, sparse=bool(getattr(model, "sparse_output_", False)))


def _positions(model: ColumnTransformer, block: Block) -> Sequence[int]:
    """Where the block has each of the columns that the model was fitted on; -1 for one that no transformer needs.

    By name, in any order and among others, where a DataFrame was fitted and is given; by position otherwise. Source:
    `transform`.
    """
    names = getattr(model, "feature_names_in_", None)
    if names is None or not block.frame or block.names is None:
        if block.width != model.n_features_in_:
            raise UnsupportedError(expected=f"{model.n_features_in_} columns", got=str(block.width))
        return range(block.width)
    found = {name: i for i, name in enumerate(block.names)}
    needed = {i for n, t, _ in model.transformers_ if not _is(t, "drop") for i in model._transformer_to_input_indices[n]}
    missing = sorted(str(names[i]) for i in needed if names[i] not in found)
    if missing:
        raise UnsupportedError("columns are missing", expected=", ".join(map(repr, missing)), got=", ".join(map(repr, found)))
    return [found.get(name, -1) for name in names]


def _is(transformer: object, word: str) -> bool:
    return isinstance(transformer, str) and transformer == word

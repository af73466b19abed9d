"""sklearn.neighbors._graph."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import numpy as np
from sklearn.neighbors import KNeighborsTransformer, RadiusNeighborsTransformer
from spox import Var

from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import constant, constant_like
from ...registry import Output, converts
from .base import kneighbors
from .radius import within_radius


@converts(KNeighborsTransformer)
def kneighbors_transformer(model: KNeighborsTransformer, block: Block) -> dict[str, Output | list[Var]]:
    """A column for each fitted row: its distance, or 1, where it is one of the neighbours, else 0.

    Distances are those of one neighbour more than `n_neighbors`, as the original counts the row itself.
    """
    searched = copy(model)
    searched.n_neighbors = model.n_neighbors + (model.mode == "distance")
    distance, index = kneighbors(searched, block)
    shape = ops.concat([ops.shape(index, start=0, end=1), constant(np.array([model.n_samples_fit_]))], axis=0)
    values = distance if model.mode == "distance" else ops.expand(constant(1.0, working(np.float64)), ops.shape(index))
    empty = ops.expand(constant_like(values, 0.0), shape)
    graph = ops.scatter_elements(empty, index, values, axis=1)
    return {
        "transform": _stored(model, graph),
        "kneighbors": list(kneighbors(model, block, ordered=True)),
    }


@converts(RadiusNeighborsTransformer)
def radius_neighbors_transformer(model: RadiusNeighborsTransformer, block: Block) -> Block:
    """A column for each fitted row: its distance, or 1, where it is within the radius, else 0."""
    distance, inside = within_radius(model, block)
    values = distance if model.mode == "distance" else constant_like(distance, 1.0)
    graph = ops.where(inside, values, constant_like(distance, 0.0))
    return _stored(model, graph)


def _stored(model: KNeighborsTransformer | RadiusNeighborsTransformer, graph: Var) -> Block:
    """The sparse graph [N, S]; the distance between equal points is a stored zero."""
    result = Block.matrix_of(graph, model.n_samples_fit_, sparse=True)
    return replace(result, stored_zeros=model.mode == "distance")

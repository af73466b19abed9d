"""sklearn.neighbors._unsupervised."""

from __future__ import annotations

from sklearn.neighbors import NearestNeighbors
from spox import Var

from ....graph.block import Block
from ...registry import converts
from .base import kneighbors


@converts(NearestNeighbors)
def nearest_neighbors(model: NearestNeighbors, block: Block) -> dict[str, list[Var]]:
    """`kneighbors`: distances and indices. Neighbours within a radius are as many as there are: no tensor holds them."""
    return {"kneighbors": list(kneighbors(model, block, ordered=True))}

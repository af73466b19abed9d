"""sklearn.neighbors._nca."""

from __future__ import annotations

from sklearn.neighbors import NeighborhoodComponentsAnalysis

from ....graph.block import Block
from ...registry import converts
from ..linear_model.base import affine


@converts(NeighborhoodComponentsAnalysis)
def neighborhood_components_analysis(model: NeighborhoodComponentsAnalysis, block: Block) -> Block:
    """X @ components.T."""
    return Block.matrix_of(affine(block, model.components_.T, 0.0), len(model.components_))

"""sklearn.neural_network._rbm."""

from __future__ import annotations

from sklearn.neural_network import BernoulliRBM

from ....graph import ops
from ....graph.block import Block
from ...registry import converts
from ..arrays import in_place, wider
from ..special import expit


@converts(BernoulliRBM)
def bernoulli_rbm(model: BernoulliRBM, block: Block) -> Block:
    """The probabilities of the hidden units: expit(x @ components.T + intercept). `score_samples` draws at random."""
    product = wider(ops.matmul, block.floats(), model.components_.T)
    hidden = expit(in_place(ops.add, product, model.intercept_hidden_))
    return Block.matrix_of(hidden, len(model.components_))

"""sklearn.naive_bayes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB
from spox import Var

from ...graph import ops
from ...graph.block import Block, working
from ...graph.refuse import gather_or_refuse
from ...graph.values import cast, constant, constant_like, dtype_of
from ..registry import Outputs, converts
from . import float32
from .arrays import add_up, pairwise_sums, row_sums
from .labels import largest
from .linear_model.base import affine
from .special import logsumexp


@converts(GaussianNB)
def gaussian_nb(model: GaussianNB, block: Block) -> Outputs:
    """log prior - sum(log(2 pi var)) / 2 - sum((x - mean)^2 / var) / 2, in numpy's dtype for x and the means."""
    x = block.matrix(np.result_type(block.dtype, model.theta_.dtype))
    difference = ops.sub(ops.unsqueeze(x, constant(np.array([1]))), constant_like(x, model.theta_))
    squares = ops.div(ops.mul(difference, difference), constant_like(x, model.var_))
    sums = pairwise_sums(ops.reshape(squares, constant([-1, block.width])), block.width)
    half = ops.mul(constant_like(x, 0.5), ops.reshape(sums, constant([-1, len(model.classes_)])))
    normaliser = -0.5 * np.log(2.0 * np.pi * model.var_).sum(axis=1)
    likelihood = ops.sub(constant_like(x, normaliser), half)
    priors = np.log(model.class_prior_)
    joint = cast(likelihood, working(np.result_type(dtype_of(likelihood), priors)))
    return _outputs(model, ops.add(joint, constant_like(joint, priors)), by_column=True)


@converts(MultinomialNB)
def multinomial_nb(model: MultinomialNB, block: Block) -> Outputs:
    """X @ feature_log_prob.T + class_log_prior."""
    return _outputs(model, affine(block, model.feature_log_prob_.T, model.class_log_prior_))


@converts(ComplementNB)
def complement_nb(model: ComplementNB, block: Block) -> Outputs:
    """X @ feature_log_prob.T; the prior matters only where there is a single class."""
    prior = model.class_log_prior_ if len(model.classes_) == 1 else np.zeros(1)
    return _outputs(model, affine(block, model.feature_log_prob_.T, prior))


@converts(BernoulliNB)
def bernoulli_nb(model: BernoulliNB, block: Block) -> Outputs:
    """X is compared with `binarize` in the float type that both have in numpy; absent features count as much as present."""
    if model.binarize is not None:
        block = _binarised(block, model.binarize)
    absent = np.log(1 - np.exp(model.feature_log_prob_))
    prior = model.class_log_prior_ + absent.sum(axis=1)
    return _outputs(model, affine(block, (model.feature_log_prob_ - absent).T, prior))


def _binarised(block: Block, threshold: float) -> Block:
    floats = block.dtype if block.dtype.kind == "f" else np.dtype(np.float64)
    wide = np.result_type(floats, threshold)
    entries = block.entries(wide) if threshold >= 0 else None
    values = block.matrix(wide) if entries is None else entries.values
    present = cast(ops.greater(values, constant_like(values, threshold)), working(np.float64))
    return Block.matrix_of(present, block.width) if entries is None else Block.of_entries(replace(entries, values=present))


@converts(CategoricalNB)
def categorical_nb(model: CategoricalNB, block: Block) -> Outputs:
    """The sum over the features of the log probability of its category; a category that was never seen is refused."""
    sizes = np.array([p.shape[1] for p in model.feature_log_prob_])
    table = np.concatenate([p.T for p in model.feature_log_prob_]).astype(working(np.float64))
    codes = block.matrix(np.int64)
    known = ops.and_(ops.greater_or_equal(codes, constant(0)), ops.less(codes, constant(sizes)))
    index = ops.where(known, ops.add(codes, constant(np.cumsum(sizes) - sizes)), constant(len(table)))
    terms = gather_or_refuse(table, index, "CategoricalNB: expected the categories that were seen, got another one")
    last = constant(np.int64(len(sizes) - 1))
    total = ops.gather(ops.cumsum(terms, constant(np.int64(1))), last, axis=1)
    return _outputs(model, ops.add(total, constant_like(total, model.class_log_prior_)))


def _outputs(model: Any, joint: Var, by_column: bool = False) -> Outputs:
    """Source: _BaseNB. joint: log P(class, row), [N, K]; by_column: the original holds it column after column."""
    if float32.is_exact(joint):
        log_proba = ops.sub(joint, float32.logsumexp(joint, len(model.classes_), add_up if by_column else row_sums))
    else:
        log_proba = ops.sub(joint, logsumexp(joint))
    return {
        "predict": largest(model.classes_, joint),
        "predict_proba": ops.exp(log_proba),
        "predict_log_proba": log_proba,
        "predict_joint_log_proba": joint,
    }

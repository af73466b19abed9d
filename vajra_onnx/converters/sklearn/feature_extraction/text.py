"""sklearn.feature_extraction.text: counts, hashed counts and their weights.

Results are entries, in the original and in the graph; they become dense where a later step asks for a dense matrix.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer

from ....errors import UnsupportedError
from ....graph import contrib, ops
from ....graph.block import Block, working
from ....graph.entries import Entries, counted
from ....graph.text.arrangement import equals
from ....graph.values import cast, constant, constant_like
from ...registry import converts, references
from ..csr import as_entries, normalised, scaled
from .grams import columns_of_grams, grams
from .texts import VECTORIZERS, texts


@converts(CountVectorizer)
def count_vectorizer(model: CountVectorizer, block: Block) -> Block:
    """How often each term of the vocabulary occurs, or with `binary` whether it does."""
    return Block.of_entries(_counts(model, block, np.dtype(model.dtype)))


@converts(TfidfVectorizer)
def tfidf_vectorizer(model: TfidfVectorizer, block: Block) -> Block:
    """The counts, then what its TfidfTransformer makes of them."""
    return tfidf_transformer(model._tfidf, count_vectorizer(model, block))


@converts(TfidfTransformer)
def tfidf_transformer(model: TfidfTransformer, block: Block) -> Block:
    """Counts, or 1 + their logarithm, times the idf of their term; then each row by its norm."""
    if model.sublinear_tf and block.stored_zeros:
        raise UnsupportedError("the logarithm of hashed features whose signs cancel out", hint="alternate_sign=False")
    entries = as_entries(block)
    if model.sublinear_tf:
        counts = entries.values
        zero, one = constant_like(counts, 0.0), constant_like(counts, 1.0)
        logarithms = ops.where(ops.equal(counts, zero), zero, ops.add(ops.log(counts), one))
        entries = replace(entries, values=logarithms)
    if hasattr(model, "idf_"):
        entries = scaled(entries, model.idf_)
    weighted = Block.of_entries(entries if model.norm is None else normalised(entries, model.norm))
    return replace(weighted, stored_zeros=block.stored_zeros)


@converts(HashingVectorizer)
def hashing_vectorizer(model: HashingVectorizer, block: Block) -> Block:
    """Signed counts of hash values. Source: `_hashing_fast.transform`; `binary` marks also what cancels out to 0."""
    width = int(model.n_features)
    terms = grams(model, block)
    hashed = contrib.murmur_hash(terms)
    column = ops.mod(ops.abs(cast(hashed, np.int64)), constant(width))
    column = ops.where(equals(terms, ""), constant(width), column)
    signed = model.alternate_sign and not model.binary
    signs = ops.where(ops.less(hashed, constant(0, np.int32)), constant(-1), constant(1)) if signed else None
    entries = _typed(counted(column, width, signs), model.binary, np.dtype(model.dtype))
    block = Block.of_entries(entries if model.norm is None else normalised(entries, model.norm))
    return replace(block, stored_zeros=signed)


@references(*VECTORIZERS)
def vectorizer_reference(model: Any, data: Any, output: str) -> Any:
    """The method, given the texts of the only column."""
    return getattr(model, output)(texts(data))


def _counts(model: CountVectorizer, block: Block, dtype: np.dtype[np.generic]) -> Entries:
    vocabulary = model.vocabulary_
    if not all(isinstance(term, str) for term in vocabulary):
        raise UnsupportedError("a vocabulary with terms that are not text")
    return _typed(counted(columns_of_grams(model, block), len(vocabulary)), model.binary, dtype)


def _typed(counts: Entries, binary: bool, dtype: np.dtype[np.generic]) -> Entries:
    values = ops.min([counts.values, constant(1)]) if binary else counts.values
    return replace(counts, values=cast(values, working(dtype)))

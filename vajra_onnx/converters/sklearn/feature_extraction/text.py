"""sklearn.feature_extraction.text: counts, hashed counts and their weights.

The original's results are sparse; the graph's are dense, with the same numbers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from spox import Var

from ....errors import UnsupportedError
from ....graph import contrib, ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, constant_like, dtype_of
from ...registry import converts, references
from ..arrays import in_place
from .arrangement import filled, look_up
from .grams import grams
from .texts import VECTORIZERS, texts

# A row of so many float64 takes half a megabyte; the hashed features of scikit-learn's default would take eight.
MOST_HASHED = 2**16


@converts(CountVectorizer)
def count_vectorizer(model: CountVectorizer, block: Block) -> Block:
    """How often each term of the vocabulary occurs, or with `binary` whether it does."""
    counts = _counts(model, block, np.dtype(model.dtype))
    return Block.matrix_of(counts, len(model.vocabulary_), sparse=True)


@converts(TfidfVectorizer)
def tfidf_vectorizer(model: TfidfVectorizer, block: Block) -> Block:
    """The counts, then what its TfidfTransformer makes of them."""
    return tfidf_transformer(model._tfidf, count_vectorizer(model, block))


@converts(TfidfTransformer)
def tfidf_transformer(model: TfidfTransformer, block: Block) -> Block:
    """Counts, or 1 + their logarithm, times the idf of their term; then each row by its norm."""
    x = block.floats()
    if model.sublinear_tf and block.stored_zeros:
        raise UnsupportedError("the logarithm of hashed features whose signs cancel out", hint="alternate_sign=False")
    if model.sublinear_tf:
        zero = constant_like(x, 0.0)
        x = ops.where(ops.equal(x, zero), zero, ops.add(ops.log(x), constant_like(x, 1.0)))
    if hasattr(model, "idf_"):
        x = in_place(ops.mul, x, model.idf_)
    weighted = Block.matrix_of(_normalised(x, model.norm), block.width, sparse=True)
    return replace(weighted, stored_zeros=block.stored_zeros)


@converts(HashingVectorizer)
def hashing_vectorizer(model: HashingVectorizer, block: Block) -> Block:
    """Signed counts of hash values. Source: `_hashing_fast.transform`; `binary` marks also what cancels out to 0."""
    width = int(model.n_features)
    if width > MOST_HASHED:
        raise UnsupportedError(
            "n_features of a HashingVectorizer, whose result is dense in the graph",
            expected=f"at most 2**16 = {MOST_HASHED}",
            got=str(width),
            hint="fit with HashingVectorizer(n_features=2**16), or with TfidfVectorizer(max_features=...)",
        )
    terms = grams(model, block)
    hashed = contrib.murmur_hash(terms)
    column = ops.mod(ops.abs(cast(hashed, np.int64)), constant(width))
    present = ops.not_(ops.equal(terms, constant("")))
    dtype = working(model.dtype)
    if model.binary:
        x = _added(terms, column, cast(present, np.int64), width, "max")
    else:
        signs = ops.where(ops.less(hashed, constant(0, np.int32)), constant(-1 if model.alternate_sign else 1), constant(1))
        x = _added(terms, column, ops.where(present, signs, constant(0)), width)
    block = Block.matrix_of(_normalised(cast(x, dtype), model.norm), width, sparse=True)
    return replace(block, stored_zeros=model.alternate_sign and not model.binary)


@references(*VECTORIZERS)
def vectorizer_reference(model: Any, data: Any, output: str) -> Any:
    """The method, given the texts of the only column."""
    return getattr(model, output)(texts(data))


def _counts(model: CountVectorizer, block: Block, dtype: np.dtype[np.generic]) -> Var:
    vocabulary = model.vocabulary_
    if not all(isinstance(term, str) for term in vocabulary):
        raise UnsupportedError("a vocabulary with terms that are not text")
    width = len(vocabulary)
    terms = grams(model, block)
    column = look_up(terms, {term: int(index) for term, index in vocabulary.items() if term}, width)
    wanted = working(dtype)
    ones = ops.expand(constant(1, np.float64 if wanted == np.float64 else np.int64), ops.shape(column))
    # Everything that is not in the vocabulary is counted in a last column, which is cut off.
    counts = _added(terms, column, ones, width + 1, "max" if model.binary else "add")
    kept = ops.slice(counts, constant([0]), constant([width]), constant([1]))
    return cast(kept, wanted)


def _added(rows: Var, column: Var, values: Var, width: int, reduction: str = "add") -> Var:
    """The values of each row added up by column. column: int64 [N, M]; values: [N, M] -> [N, width] of the same dtype."""
    added = ops.scatter_elements(filled(rows, width, dtype_of(values).type(0)), column, values, axis=1, reduction=reduction)
    return ops.reshape(added, constant([-1, width]))  # tells shape inference the width


def _normalised(x: Var, norm: str | None) -> Var:
    """Rows by their l1 or l2 norm, a row of zeros as it is; the norm is summed in float64, from left to right.

    Source: `_inplace_csr_row_normalize_l1` and `_l2` of sparsefuncs_fast: products in the type of x, sums in float64.
    """
    if norm is None:
        return x
    wide = working(np.float64)
    parts = cast(ops.abs(x) if norm == "l1" else ops.mul(x, x), wide)
    total = ops.slice(ops.cumsum(parts, constant(1)), constant([-1]), constant([2**63 - 1]), constant([1]))
    size = total if norm == "l1" else ops.sqrt(total)
    divisor = ops.where(ops.equal(total, constant(0.0, wide)), constant(1.0, wide), size)
    return cast(ops.div(cast(x, wide), divisor), dtype_of(x))

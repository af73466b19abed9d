"""The part of the layer matrix that splits text and counts categories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from keras import layers as L  # noqa: N812

VOCABULARY = ["a", "b", "a b", "c", "ż", "日本", "x\u00a0y", "\ufffd", "a b c", "\ufdd0q", "\ufdd0", "\x85", "y" * 70]
# Lower case, punctuation and blanks of ASCII and of others; marks of the encoding of missing values; more than 64 bytes; nothing.
TEXTS = [
    "a b", "c!", "", "z a\u00a0b", "Ż A ż", "x\u00a0y a", "\ufdd0q a", "\ufdd0\ufdd0q", "a,b c", "a-b", "!!!", "日本 日 本",
    "[UNK]", "  a\t\nb\x0b\x0c\r c ", "\x85a\u2028b\x1c", "y" * 70, "A B C a b c", "'a' \"b\"", "\U0001f427 a", "\uffff\ufeffa",
    "İ ß K",
]  # fmt: skip
WEIGHTS = [0.1 * (i + 1) for i in range(len(VOCABULARY))]


def vectorization(**options: Any) -> Any:
    """A TextVectorization with the vocabulary, and weights where it needs them."""
    weights = {"idf_weights": WEIGHTS} if options.get("output_mode") == "tf_idf" else {}
    return L.TextVectorization(vocabulary=VOCABULARY, **weights, **options)


def texts() -> Iterator[Any]:
    """TextVectorization."""
    text, pair, flat = ({"words": TEXTS, "shape": shape} for shape in ((1,), (2,), ()))
    for mode in ("int", "multi_hot", "count", "tf_idf"):
        for split in ("whitespace", "character"):
            for ngrams in (None, 2, (3, 1)):
                yield (
                    f"{mode}-{split}-{ngrams}",
                    lambda m=mode, s=split, n=ngrams: vectorization(output_mode=m, split=s, ngrams=n),
                    text,
                )
    for standardize in (None, "lower", "strip_punctuation"):
        yield f"standardize-{standardize}", lambda s=standardize: vectorization(standardize=s), text
        yield f"standardize-{standardize}-n", lambda s=standardize: vectorization(standardize=s, ngrams=2), text
    for mode in ("int", "one_hot", "count"):
        for ngrams in (None, 2, (2,)):
            yield f"whole-{mode}-{ngrams}", lambda m=mode, n=ngrams: vectorization(output_mode=m, split=None, ngrams=n), pair
    for length in (1, 4, 90):
        yield f"length-{length}", lambda n=length: vectorization(output_sequence_length=n, ngrams=2), text
    yield "length-whole", lambda: vectorization(output_sequence_length=3, split=None), pair
    yield "padded", lambda: vectorization(max_tokens=20, pad_to_max_tokens=True, output_mode="tf_idf"), text
    yield "flat", lambda: vectorization(), flat
    yield "flat-count", lambda: vectorization(output_mode="count"), flat
    yield "flat-whole", lambda: vectorization(split=None), flat
    yield "several", lambda: vectorization(ngrams=2), {"words": TEXTS, "shape": (3, 1)}
    yield "several-whole", lambda: vectorization(split=None, ngrams=2), {"words": TEXTS, "shape": (3, 2)}


def categories() -> Iterator[Any]:
    """CategoryEncoding of every rank, and by weights."""
    for shape in ((1,), (4,), (3, 2)):
        ids, counts = ({"ids": 6, "shape": shape} for _ in range(2))
        for dtype in ("float32", "float64", "int64"):
            yield (
                f"weights-{shape}-{dtype}",
                lambda d=dtype: _weighted(L.CategoryEncoding(6, output_mode="count", dtype=d)),
                ids,
                shape,
            )
        yield f"whole-weights-{shape}", lambda: _weighted(L.CategoryEncoding(6, output_mode="count")), ids, counts
        for mode in ("one_hot", "multi_hot", "count"):
            yield f"mixed-{shape}-{mode}", lambda m=mode: L.CategoryEncoding(6, output_mode=m, dtype="mixed_float16"), ids
    for mode in ("multi_hot", "count"):
        yield f"cube-{mode}", lambda m=mode: L.CategoryEncoding(6, output_mode=m), {"ids": 6, "shape": (3, 2)}


def _weighted(layer: Any) -> Any:
    return lambda inputs, weights: layer(inputs, count_weights=weights)

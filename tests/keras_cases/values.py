"""Cases of preprocessing: words and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from keras import layers as L  # noqa: N812

WORDS = ["red", "green", "blue", "żółty", "", "RED"]


def preprocessing() -> Iterator[Any]:
    """keras.layers.preprocessing."""
    words, word = {"words": WORDS, "shape": (4,)}, {"words": WORDS, "shape": (1,)}
    numbers, number = {"ids": 9, "shape": (4,)}, {"ids": 9, "shape": (1,)}
    known = WORDS[:4]
    for mode in ("int", "one_hot", "multi_hot", "count"):
        yield f"strings-{mode}", lambda m=mode: L.StringLookup(vocabulary=known, output_mode=m), words
        yield f"string-{mode}", lambda m=mode: L.StringLookup(vocabulary=known, output_mode=m), word
        yield f"strings-mask-{mode}", lambda m=mode: L.StringLookup(vocabulary=known, mask_token="", output_mode=m), words
        yield f"integers-{mode}", lambda m=mode: L.IntegerLookup(vocabulary=[2, 3, 5], output_mode=m), numbers
        yield f"integers-mask-{mode}", lambda m=mode: L.IntegerLookup(vocabulary=[2, 3, 5], mask_token=0, output_mode=m), numbers
        yield f"bins-{mode}", lambda m=mode: L.Discretization([-1.0, 0.0, 0.5], output_mode=m), (4,)
        yield f"bin-{mode}", lambda m=mode: L.Discretization([-1.0, 0.0, 0.5], output_mode=m), (1,)
    for mode in ("one_hot", "multi_hot", "count"):
        yield f"categories-{mode}", lambda m=mode: L.CategoryEncoding(9, output_mode=m), numbers
        yield f"category-{mode}", lambda m=mode: L.CategoryEncoding(9, output_mode=m), number
    yield "strings-strict", lambda: L.StringLookup(vocabulary=WORDS, num_oov_indices=0), words
    without = [word for word in WORDS if word]
    yield "strings-strict-mask", lambda: L.StringLookup(vocabulary=without, num_oov_indices=0, mask_token=""), words
    yield "strings-padded", lambda: L.StringLookup(9, vocabulary=known, output_mode="count", pad_to_max_tokens=True), words
    yield (
        "strings-tf-idf",
        lambda: L.StringLookup(vocabulary=known, output_mode="tf_idf", idf_weights=[0.1, 0.2, 0.3, 0.4]),
        words,
    )
    yield "strings-inverted", lambda: L.StringLookup(vocabulary=known, invert=True), numbers
    yield "integers-buckets", lambda: L.IntegerLookup(vocabulary=[2, 3, 5], num_oov_indices=3), numbers
    yield from _hashes(words, word, numbers, number)
    yield from _shaped(known)
    yield "integers-tf-idf", lambda: L.IntegerLookup(vocabulary=[2, 3], output_mode="tf_idf", idf_weights=[0.1, 0.2]), numbers
    yield "integers-strict", lambda: L.IntegerLookup(vocabulary=list(range(9)), num_oov_indices=0), numbers
    yield "integers-other-token", lambda: L.IntegerLookup(vocabulary=[2, 3, 5], oov_token=-7, invert=True), numbers
    yield "integers-mask-inverted", lambda: L.IntegerLookup(vocabulary=[2, 3, 5], mask_token=0, invert=True), numbers
    yield "integers-mask-buckets", lambda: L.IntegerLookup(vocabulary=[2, 3, 5], mask_token=0, num_oov_indices=2), numbers
    yield "strings-other-token", lambda: L.StringLookup(vocabulary=known, oov_token="?", invert=True), numbers
    yield "strings-mask-inverted", lambda: L.StringLookup(vocabulary=known, mask_token="", invert=True), numbers
    yield "integers-crossing", lambda: L.HashedCrossing(7), number, number
    yield "integers-inverted", lambda: L.IntegerLookup(vocabulary=[2, 3, 5], invert=True), numbers


def _shaped(known: list[str]) -> Iterator[Any]:
    """Inputs [N], and of two axes beside the rows."""
    shapes = {"flat": (), "cube": (3, 2)}
    for name, shape in shapes.items():
        words, numbers = {"words": WORDS, "shape": shape}, {"ids": 9, "shape": shape}
        for mode in ("int", "one_hot") if name == "flat" else ("int", "one_hot", "multi_hot", "count"):
            yield f"strings-{name}-{mode}", lambda m=mode: L.StringLookup(vocabulary=known, output_mode=m), words
            yield f"integers-{name}-{mode}", lambda m=mode: L.IntegerLookup(vocabulary=[2, 3, 5], output_mode=m), numbers
            yield f"bins-{name}-{mode}", lambda m=mode: L.Discretization([-1.0, 0.0, 0.5], output_mode=m), shape
            yield f"bins-int-{name}-{mode}", lambda m=mode: L.Discretization([1.0, 3.0, 5.5], output_mode=m), numbers
            yield f"hash-{name}-{mode}", lambda m=mode: L.Hashing(5, output_mode=m), words


def _hashes(words: Any, word: Any, numbers: Any, number: Any) -> Iterator[Any]:
    for salt in (None, 7, [3, 2**40]):
        yield f"hash-{salt}", lambda s=salt: L.Hashing(5, salt=s), words
        yield f"integers-hash-{salt}", lambda s=salt: L.Hashing(5, salt=s), numbers
        yield f"strings-buckets-{salt}", lambda s=salt: L.StringLookup(vocabulary=WORDS[:2], num_oov_indices=3, salt=s), words
        yield (
            f"integers-farmhash-{salt}",
            lambda s=salt: L.IntegerLookup(vocabulary=[2, 3], num_oov_indices=4, oov_method="farmhash", salt=s),
            numbers,
        )
    for mode in ("one_hot", "multi_hot", "count"):
        yield f"hashes-{mode}", lambda m=mode: L.Hashing(5, output_mode=m), words
        yield f"hash-{mode}", lambda m=mode: L.Hashing(5, output_mode=m, mask_value=""), word
    yield "hash-mask", lambda: L.Hashing(5, mask_value="red"), words
    yield "integers-hash-mask", lambda: L.Hashing(5, mask_value=3), numbers
    yield "hash-one-bin", lambda: L.Hashing(1, mask_value="red"), words
    yield "floats-hash", lambda: L.Hashing(5), (4,)
    yield "strings-buckets-mask", lambda: L.StringLookup(vocabulary=["red"], num_oov_indices=3, mask_token=""), words
    yield "strings-buckets-count", lambda: L.StringLookup(vocabulary=["red"], num_oov_indices=3, output_mode="count"), words
    for mode in ("int", "one_hot"):
        yield f"crossing-{mode}", lambda m=mode: L.HashedCrossing(7, output_mode=m), word, number
    yield "crossing-strings", lambda: L.HashedCrossing(7), word, word

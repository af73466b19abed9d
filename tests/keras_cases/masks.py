"""Cases of masks: through every layer that keeps them, to those that look at them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from keras import layers as L  # noqa: N812

from keras_cases.calls import TOKENS, Called, flagged, masked, started

KEEPING = {
    "activation": lambda: L.Activation("relu"),
    "dense": lambda: L.Dense(4),
    "dropout": lambda: L.Dropout(0.5),
    "normalization": lambda: L.LayerNormalization(),
    "batch": lambda: L.BatchNormalization(),
    "distributed": lambda: L.TimeDistributed(L.Dense(4)),
}
ENDING = {
    "conv": lambda: L.Conv1D(3, 2, padding="same"),
    "crop": lambda: L.Cropping1D(1),
    "max": lambda: L.MaxPooling1D(2),
    "pad": lambda: L.ZeroPadding1D(1),
    "permute": lambda: L.Permute((2, 1)),
    "reshape": lambda: L.Reshape((3, 6)),
    "up": lambda: L.UpSampling1D(2),
}
RECURRENT: dict[str, dict[str, Any]] = {
    "last": {},
    "sequences": {"return_sequences": True},
    "states": {"return_state": True},
    "backwards": {"go_backwards": True},
    "backwards-sequences": {"go_backwards": True, "return_sequences": True},
    "gelu": {"activation": "gelu", "return_sequences": True},
}


def through() -> Iterator[Any]:
    """What a recurrent layer behind another one makes of the mask."""
    for name, make in (KEEPING | ENDING).items():
        yield f"{name}", lambda m=make: masked(m(), after=L.LSTM(3)), TOKENS
    for name in ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"):
        yield (
            f"both-{name}",
            lambda n=name: Called(getattr(L, n)(), listed=True, tokens=2, after=L.LSTM(3)),
            TOKENS,
            TOKENS,
        )
        yield f"one-{name}", lambda n=name: Called(getattr(L, n)(), listed=True, tokens=1, after=L.LSTM(3)), TOKENS, (6, 3)
    for axis in (1, 2):
        yield (
            f"concatenate-{axis}",
            lambda a=axis: Called(L.Concatenate(a), listed=True, tokens=2, after=L.LSTM(3)),
            TOKENS,
            TOKENS,
        )
        make = lambda a=axis: Called(L.Concatenate(a), listed=True, tokens=1, after=L.LSTM(3))  # noqa: E731
        yield f"concatenate-{axis}-one", make, TOKENS, (6, 3)
    for value in (0.0, 2.0):
        make = lambda v=value: Called(L.Masking(v), after=L.LSTM(3))  # noqa: E731
        yield f"masking-{value}", make, {"ids": 3, "shape": (6, 1), "dtype": "float32"}
    for keep in (False, True):
        yield f"mean-{keep}", lambda k=keep: masked(L.GlobalAveragePooling1D(keepdims=k)), TOKENS
    yield "largest", lambda: masked(L.GlobalMaxPooling1D()), TOKENS
    yield "flat", lambda: masked(L.Flatten()), TOKENS
    yield "softmax", lambda: flagged(L.Softmax(), "mask"), (6, 4), {"ids": 2, "shape": (6, 4)}
    yield "attention", lambda: masked(L.MultiHeadAttention(2, 3), after=L.LSTM(3)), TOKENS, (7, 4)


def recurrent() -> Iterator[Any]:
    """Recurrent layers of masked steps, whose last step may be masked, or all of them; and beside an initial state, where Keras
    looks at no mask."""
    for name in ("LSTM", "GRU", "SimpleRNN"):
        kind, cell, count = getattr(L, name), getattr(L, f"{name}Cell"), 2 if name == "LSTM" else 1
        states = [(5,)] * count
        for what, options in RECURRENT.items():
            yield f"{name}-{what}", lambda k=kind, o=options: masked(k(5, **o)), TOKENS
        for merge in ("concat", "sum", "ave"):
            make = lambda k=kind, m=merge: masked(L.Bidirectional(k(5, return_sequences=True), merge_mode=m))  # noqa: E731
            yield f"both-{name}-{merge}", make, TOKENS
        yield f"both-{name}-last", lambda k=kind: masked(L.Bidirectional(k(5))), TOKENS
        yield f"{name}-started", lambda k=kind, n=count: started(k(5, return_sequences=True), n, tokens=1), TOKENS, *states
        yield f"cell-{name}-started", lambda c=cell, n=count: started(L.RNN(c(5)), n, tokens=1), TOKENS, *states
        for zero in (False, True):
            make = lambda c=cell, z=zero: masked(L.RNN(c(5), return_sequences=True, zero_output_for_mask=z))  # noqa: E731
            yield f"cell-{name}-{zero}", make, TOKENS
    yield "GRU-before", lambda: masked(L.GRU(5, reset_after=False)), TOKENS
    yield "cells", lambda: masked(L.RNN([L.LSTMCell(5), L.GRUCell(4)], return_sequences=True)), TOKENS


def attention() -> Iterator[Any]:
    """Masks of queries, of values, of both, and given as arguments."""
    query, value, pairs = (6, 4), (7, 4), {"ids": 2, "shape": (6, 7)}
    queries, values = {"ids": 2, "shape": (6,)}, {"ids": 2, "shape": (7,)}
    heads = {"heads": lambda **o: L.MultiHeadAttention(2, 3, **o), "grouped": lambda **o: L.GroupQueryAttention(3, 4, 2, **o)}
    for name, make in heads.items():
        yield f"{name}-pairs", lambda m=make: flagged(m(), "attention_mask"), query, value, pairs
        yield f"{name}-query", lambda m=make: masked(m()), TOKENS, (7, 3)
        causal = {"use_causal_mask": True}
        yield f"{name}-both", lambda m=make: masked(m(), 2), TOKENS, TOKENS
        yield f"{name}-both-dropout", lambda m=make: masked(m(dropout=0.5), 2), TOKENS, TOKENS
        yield f"{name}-both-causal", lambda m=make, o=causal: masked(m(), 2, options=o), TOKENS, TOKENS
    plain = heads["heads"]
    yield "heads-pairs-each", lambda: flagged(plain(), "attention_mask"), query, value, {"ids": 2, "shape": (2, 6, 7)}
    yield "heads-values", lambda: flagged(plain(), "value_mask"), query, value, values
    yield "heads-given", lambda: flagged(plain(), "query_mask", "value_mask"), query, value, queries, values
    for kind in (L.Attention, L.AdditiveAttention):
        name = kind.__name__
        yield f"{name}-given", lambda k=kind: flagged(k(), "mask", "mask", listed=True), query, value, queries, values
        yield f"{name}-both", lambda k=kind: Called(k(), listed=True, tokens=2, after=L.LSTM(3)), TOKENS, TOKENS

"""Cases of recurrent layers and attention."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from keras import layers as L  # noqa: N812

from keras_cases.calls import called, listed


def recurrent() -> Iterator[Any]:
    """keras.layers.rnn."""
    for name in ("LSTM", "GRU", "SimpleRNN"):
        kind = getattr(L, name)
        yield f"{name}", lambda k=kind: k(5), (6, 3)
        yield f"{name}-sequences", lambda k=kind: k(5, return_sequences=True), (6, 3)
        yield f"{name}-states", lambda k=kind: k(5, return_state=True), (6, 3)
        yield f"{name}-backwards", lambda k=kind: k(5, go_backwards=True, return_sequences=True), (6, 3)
        yield f"{name}-bare", lambda k=kind: k(5, use_bias=False, activation="relu"), (6, 3)
        for mode in ("concat", "sum", "mul", "ave", None):
            yield f"both-{name}-{mode}", lambda k=kind, m=mode: L.Bidirectional(k(5), merge_mode=m), (6, 3)
        yield f"both-{name}-sequences", lambda k=kind: L.Bidirectional(k(5, return_sequences=True)), (6, 3)
        yield f"{name}-stateful", lambda k=kind: k(5, stateful=True), {"shape": (6, 3), "batch": 12}
        cell = getattr(L, f"{name}Cell")
        yield f"cell-{name}", lambda c=cell: L.RNN(c(5)), (6, 3)
        yield f"cell-{name}-all", lambda c=cell: L.RNN(c(5), return_sequences=True, return_state=True, go_backwards=True), (6, 3)
    for whole in (False, True):
        yield (
            f"cells-{whole}",
            lambda w=whole: L.RNN([L.LSTMCell(5), L.GRUCell(4), L.SimpleRNNCell(3)], return_sequences=w, return_state=True),
            (6, 3),
        )
    yield "cells-backwards", lambda: L.RNN([L.GRUCell(4), L.GRUCell(3)], return_sequences=True, go_backwards=True), (6, 3)
    yield "cells-stacked", lambda: L.RNN(L.StackedRNNCells([L.LSTMCell(5), L.LSTMCell(4)])), (6, 3)
    yield "LSTM-hard", lambda: L.LSTM(5, recurrent_activation="hard_sigmoid"), (6, 3)
    yield "GRU-before", lambda: L.GRU(5, reset_after=False), (6, 3)
    for rank, shape in {1: (3, 7, 2), 2: (3, 7, 6, 2), 3: (2, 4, 5, 4, 2)}.items():
        kind = getattr(L, f"ConvLSTM{rank}D")
        yield f"conv{rank}", lambda k=kind: k(3, 3), shape
        yield f"conv{rank}-same", lambda k=kind: k(3, 3, padding="same", strides=2, return_sequences=True), shape
        yield f"conv{rank}-even", lambda k=kind: k(3, 2, padding="same", return_state=True, use_bias=False), shape
        yield f"conv{rank}-dilated", lambda k=kind: k(3, 2, dilation_rate=2, go_backwards=True, return_sequences=True), shape
    yield "conv2-hard", lambda: L.ConvLSTM2D(3, 3, activation="relu", recurrent_activation="hard_sigmoid"), (3, 7, 6, 2)
    yield "time-distributed", lambda: L.TimeDistributed(L.Dense(5, activation="tanh")), (6, 3)
    yield "time-distributed-conv", lambda: L.TimeDistributed(L.Conv2D(4, 3)), (3, 6, 6, 2)


def attention() -> Iterator[Any]:
    """keras.layers.attention."""
    same, other = ((6, 4), (6, 4)), ((6, 4), (7, 4))
    yield "heads", lambda: L.MultiHeadAttention(2, 3), *same
    yield "heads-other-length", lambda: L.MultiHeadAttention(2, 3, value_dim=5), (6, 4), (7, 3)
    yield "heads-key", lambda: L.MultiHeadAttention(2, 3), (6, 4), (7, 3), (7, 2)
    yield "heads-bare", lambda: L.MultiHeadAttention(2, 3, use_bias=False, dropout=0.5, output_shape=5), *same
    yield "heads-gate", lambda: L.MultiHeadAttention(2, 3, use_gate=True), *same
    yield "heads-window", lambda: L.MultiHeadAttention(2, 3, sliding_window=2), *same
    yield "heads-scores", lambda: called(L.MultiHeadAttention(2, 3), return_attention_scores=True, use_causal_mask=True), *same
    for groups in (1, 2, 4):
        yield f"grouped-{groups}", lambda g=groups: L.GroupQueryAttention(3, 4, g), *other
    yield "grouped-key", lambda: L.GroupQueryAttention(3, 4, 2), (6, 4), (7, 4), (7, 3)
    yield "grouped-bare", lambda: L.GroupQueryAttention(3, 4, 2, use_bias=False, dropout=0.5), *same
    yield "grouped-gate-window", lambda: L.GroupQueryAttention(3, 4, 2, use_gate=True, sliding_window=3), *same
    for flag in ("return_attention_scores", "use_causal_mask"):
        yield f"grouped-{flag}", lambda f=flag: called(L.GroupQueryAttention(3, 4, 2), **{f: True}), *other
    for scale in (False, True):
        for mode in ("dot", "concat"):
            yield f"dot-{mode}-{scale}", lambda s=scale, m=mode: listed(L.Attention(s, m, dropout=0.3)), *other
        yield f"additive-{scale}", lambda s=scale: listed(L.AdditiveAttention(s)), *other
    for kind in (L.Attention, L.AdditiveAttention):
        yield f"{kind.__name__}-key", lambda k=kind: listed(k()), (6, 4), (7, 5), (7, 4)
        yield f"{kind.__name__}-scores", lambda k=kind: listed(k(), return_attention_scores=True), *other
        yield f"{kind.__name__}-causal", lambda k=kind: listed(k(), use_causal_mask=True), *other

"""Cases of recurrent layers and attention."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
from keras import layers as L  # noqa: N812

from keras_cases.calls import called, listed, started


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
        first = (*shape[:1], shape[-1], *shape[1:-1])
        yield f"conv{rank}-first", lambda k=kind: k(3, 3, data_format="channels_first", return_sequences=True), first
        yield f"conv{rank}-states", lambda k=kind: k(3, 3, return_sequences=True, return_state=True), shape
        yield f"conv{rank}-gelu", lambda k=kind: k(3, 3, activation="gelu", recurrent_activation="tanh", padding="same"), shape
    yield "conv2-started", lambda: started(L.ConvLSTM2D(3, 3, padding="same"), 2), (3, 7, 6, 2), (7, 6, 3), (7, 6, 3)
    yield "conv2-both", lambda: L.Bidirectional(L.ConvLSTM2D(3, 3, padding="same", return_sequences=True)), (3, 7, 6, 2)
    yield "conv2-uneven", lambda: L.ConvLSTM2D(3, (3, 2), strides=(2, 1)), (3, 7, 6, 2)
    yield "conv2-hard", lambda: L.ConvLSTM2D(3, 3, activation="relu", recurrent_activation="hard_sigmoid"), (3, 7, 6, 2)
    yield "time-distributed", lambda: L.TimeDistributed(L.Dense(5, activation="tanh")), (6, 3)
    yield "time-distributed-conv", lambda: L.TimeDistributed(L.Conv2D(4, 3)), (3, 6, 6, 2)
    yield from _distributed()


def _distributed() -> Iterator[Any]:
    yield "time-distributed-batch", lambda: L.TimeDistributed(L.BatchNormalization()), (6, 3)
    yield "time-distributed-embedding", lambda: L.TimeDistributed(L.Embedding(9, 3)), {"ids": 9, "shape": (4, 5)}
    yield "time-distributed-flatten", lambda: L.TimeDistributed(L.Flatten()), (6, 3, 2)
    yield "time-distributed-open", lambda: L.TimeDistributed(L.Dense(4)), {"shape": (None, 3), "size": (6, 3)}
    yield (
        "time-distributed-model",
        lambda: L.TimeDistributed(keras.Sequential([keras.Input((3,)), L.Dense(4), L.Dense(2)])),
        (6, 3),
    )


def steps() -> Iterator[Any]:
    """What goes from step to step in recurrent layers."""
    for name in ("LSTM", "GRU", "SimpleRNN"):
        yield from _parameters(name, getattr(L, name), getattr(L, f"{name}Cell"))
    yield "both-other", lambda: L.Bidirectional(L.LSTM(5), backward_layer=L.LSTM(4, go_backwards=True)), (6, 3)
    yield "both-kinds", lambda: L.Bidirectional(L.LSTM(5), "sum", backward_layer=L.GRU(5, go_backwards=True)), (6, 3)
    yield "GRU-before-bare", lambda: L.GRU(5, reset_after=False, use_bias=False), (6, 3)
    yield "GRU-before-gelu", lambda: L.GRU(5, reset_after=False, activation="gelu"), (6, 3)
    yield "cells-started", lambda: started(L.RNN([L.GRUCell(4), L.SimpleRNNCell(3)]), 2), (6, 3), (4,), (3,)


def _parameters(name: str, kind: Any, cell: Any) -> Iterator[Any]:
    """Activations, those that ONNX's operators know and others; states that come in; lengths that are not fixed."""
    for function in (
        "elu",
        "gelu",
        "hard_sigmoid",
        "hard_tanh",
        "leaky_relu",
        "relu6",
        "selu",
        "silu",
        "softmax",
        "softplus",
        None,
    ):
        yield f"{name}-{function}", lambda k=kind, f=function: k(5, activation=f), (6, 3)
    if name != "SimpleRNN":
        for function in ("hard_silu", "softmax", "softsign", "tanh", None):
            yield f"{name}-recurrent-{function}", lambda k=kind, f=function: k(5, recurrent_activation=f), (6, 3)
    whole = {"return_sequences": True}
    count = 2 if name == "LSTM" else 1
    states = [(5,)] * count
    yield f"{name}-everything", lambda k=kind: k(5, return_state=True, go_backwards=True, **whole), (6, 3)
    yield f"{name}-no-bias", lambda k=kind: k(5, use_bias=False), (6, 3)
    yield f"{name}-gelu-no-bias", lambda k=kind: k(5, use_bias=False, activation="gelu", **whole), (6, 3)
    yield f"{name}-unrolled", lambda k=kind: k(5, unroll=True, dropout=0.5, recurrent_dropout=0.5, **whole), (6, 3)
    yield f"{name}-open", lambda k=kind: k(5, **whole), {"shape": (None, 3), "size": (6, 3)}
    yield f"{name}-gelu-open", lambda k=kind: k(5, activation="gelu", **whole), {"shape": (None, 3), "size": (6, 3)}
    yield f"{name}-started", lambda k=kind, n=count: started(k(5, go_backwards=True, **whole), n), (6, 3), *states
    yield f"{name}-gelu-started", lambda k=kind, n=count: started(k(5, activation="gelu"), n), (6, 3), *states
    yield f"both-{name}-started", lambda k=kind, n=2 * count: started(L.Bidirectional(k(5)), n), (6, 3), *states, *states
    yield f"both-{name}-states", lambda k=kind: L.Bidirectional(k(5, return_state=True, **whole), merge_mode=None), (6, 3)
    yield f"both-{name}-sum-sequences", lambda k=kind: L.Bidirectional(k(5, **whole), merge_mode="sum"), (6, 3)
    yield f"both-cell-{name}", lambda c=cell: L.Bidirectional(L.RNN(c(5), **whole)), (6, 3)
    yield f"cell-{name}-gelu", lambda c=cell: L.RNN(c(5, activation="gelu", use_bias=False)), (6, 3)
    yield f"cell-{name}-started", lambda c=cell, n=count: started(L.RNN(c(5)), n), (6, 3), *states
    yield f"cell-{name}-unrolled", lambda c=cell: L.RNN(c(5), unroll=True), (6, 3)
    yield f"time-distributed-{name}", lambda k=kind: L.TimeDistributed(k(5)), (4, 6, 3)


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
    yield from _heads(same, other)
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


def _heads(same: Any, other: Any) -> Iterator[Any]:
    """MultiHeadAttention over other axes than one, of other shapes, and with several flags."""
    heads, scores, wide = L.MultiHeadAttention, {"return_attention_scores": True}, ((3, 5, 4), (3, 2, 4))
    for axes in (None, (1, 2), (2,)):
        yield f"heads-axes-{axes}", lambda a=axes: heads(2, 3, attention_axes=a), *wide
    yield "heads-axes-scores", lambda: called(heads(2, 3, attention_axes=(1,)), **scores), (3, 5, 4), (2, 5, 4)
    yield "heads-axes-gate", lambda: heads(2, 3, value_dim=4, use_gate=True), *wide
    yield "heads-shape", lambda: heads(2, 3, output_shape=(5, 2)), *other
    yield "heads-value-scores", lambda: called(heads(2, 3, value_dim=5), **scores), *other
    yield "heads-gate-scores", lambda: called(heads(2, 3, use_gate=True), **scores), *same
    yield "heads-window-causal", lambda: called(heads(2, 3, sliding_window=2), use_causal_mask=True), *same
    yield "heads-window-scores", lambda: called(heads(2, 3, sliding_window=2), **scores), *same
    length = [{"shape": (None, 4), "size": shape} for shape in other]
    yield "heads-open", lambda: heads(2, 3), *length
    yield "heads-open-causal", lambda: called(heads(2, 3), use_causal_mask=True), *length
    yield "grouped-open", lambda: L.GroupQueryAttention(3, 4, 2), *length
    yield "dot-open", lambda: listed(L.Attention()), *length
    yield "additive-bare", lambda: listed(L.AdditiveAttention(use_scale=False, dropout=0.5)), *other

"""Cases of layers that look through windows, and of normalization."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from keras import layers as L  # noqa: N812


def convolutional() -> Iterator[Any]:
    """keras.layers.convolutional."""
    spaces = {1: (9, 4), 2: (9, 8, 4), 3: (5, 6, 7, 4)}
    for rank, shape in spaces.items():
        conv, transpose = getattr(L, f"Conv{rank}D"), getattr(L, f"Conv{rank}DTranspose")
        for padding in ("valid", "same"):
            yield f"conv{rank}-{padding}", lambda c=conv, p=padding: c(6, 3, padding=p), shape
            yield f"conv{rank}-{padding}-strides", lambda c=conv, p=padding: c(6, 3, strides=2, padding=p), shape
            yield f"conv{rank}-{padding}-even", lambda c=conv, p=padding: c(6, 2, padding=p, activation="relu"), shape
            yield f"conv{rank}-{padding}-dilated", lambda c=conv, p=padding: c(6, 2, padding=p, dilation_rate=2), shape
            yield f"conv{rank}-{padding}-groups", lambda c=conv, p=padding: c(6, 3, padding=p, groups=2), shape
            yield f"transpose{rank}-{padding}", lambda c=transpose, p=padding: c(6, 3, padding=p), shape
            yield f"transpose{rank}-{padding}-strides", lambda c=transpose, p=padding: c(6, 3, strides=2, padding=p), shape
            yield f"transpose{rank}-{padding}-wide", lambda c=transpose, p=padding: c(6, 2, strides=3, padding=p), shape
            yield f"transpose{rank}-{padding}-even", lambda c=transpose, p=padding: c(6, 4, strides=2, padding=p), shape
    yield "conv1-causal", lambda: L.Conv1D(6, 3, padding="causal"), (9, 4)
    yield "conv1-causal-dilated", lambda: L.Conv1D(6, 3, padding="causal", dilation_rate=2), (9, 4)
    yield "conv2-no-bias", lambda: L.Conv2D(6, (3, 2), strides=(2, 1), use_bias=False), (9, 8, 4)
    yield "conv2-softmax", lambda: L.Conv2D(6, 3, activation="softmax"), (9, 8, 4)
    yield "transpose2-output-padding", lambda: L.Conv2DTranspose(6, 3, strides=2, padding="same", output_padding=1), (5, 6, 4)
    yield "transpose2-output-padding-0", lambda: L.Conv2DTranspose(6, 3, strides=2, padding="same", output_padding=0), (5, 6, 4)
    for padding in ("valid", "same"):
        yield f"depthwise1-{padding}", lambda p=padding: L.DepthwiseConv1D(3, padding=p, depth_multiplier=2), (9, 4)
        yield f"depthwise2-{padding}", lambda p=padding: L.DepthwiseConv2D(3, padding=p, strides=2), (9, 8, 4)
        yield f"depthwise2-{padding}-multiplier", lambda p=padding: L.DepthwiseConv2D(3, padding=p, depth_multiplier=3), (9, 8, 4)
        yield f"separable1-{padding}", lambda p=padding: L.SeparableConv1D(6, 3, padding=p), (9, 4)
        yield f"separable2-{padding}", lambda p=padding: L.SeparableConv2D(6, 3, padding=p, depth_multiplier=2), (9, 8, 4)
    yield "separable2-relu", lambda: L.SeparableConv2D(6, 3, strides=2, activation="relu", use_bias=False), (9, 8, 4)


def pooling() -> Iterator[Any]:
    """keras.layers.pooling."""
    spaces = {1: (9, 4), 2: (9, 8, 4), 3: (5, 6, 7, 4)}
    for rank, shape in spaces.items():
        for kind in ("Max", "Average"):
            pool, overall = getattr(L, f"{kind}Pooling{rank}D"), getattr(L, f"Global{kind}Pooling{rank}D")
            for padding in ("valid", "same"):
                yield f"{kind}{rank}-{padding}", lambda c=pool, p=padding: c(2, padding=p), shape
                yield f"{kind}{rank}-{padding}-strides", lambda c=pool, p=padding: c(3, strides=2, padding=p), shape
            yield f"global-{kind}{rank}", lambda c=overall: c(), shape
            yield f"global-{kind}{rank}-keepdims", lambda c=overall: c(keepdims=True), shape
            adaptive = getattr(L, f"Adaptive{kind}Pooling{rank}D")
            yield f"adaptive-{kind}{rank}", lambda c=adaptive: c(3), shape
            yield f"adaptive-{kind}{rank}-wide", lambda c=adaptive, n=shape[0]: c(n), shape


def normalization() -> Iterator[Any]:
    """keras.layers.normalization, and the numbers of keras.layers.preprocessing."""
    yield "batch", lambda: L.BatchNormalization(), (4,)
    yield "batch-image", lambda: L.BatchNormalization(), (6, 5, 4)
    yield "batch-axis", lambda: L.BatchNormalization(axis=1), (6, 4)
    yield "batch-bare", lambda: L.BatchNormalization(center=False, scale=False, epsilon=0.1), (4,)
    yield "batch-center", lambda: L.BatchNormalization(scale=False), (4,)
    yield "batch-scale", lambda: L.BatchNormalization(center=False), (4,)
    yield "layer", lambda: L.LayerNormalization(), (6, 4)
    yield "layer-axes", lambda: L.LayerNormalization(axis=[1, 2]), (6, 4)
    yield "layer-first", lambda: L.LayerNormalization(axis=1), (6, 4)
    yield "layer-bare", lambda: L.LayerNormalization(center=False, scale=False, epsilon=1e-6), (6, 4)
    yield "group", lambda: L.GroupNormalization(2), (5, 4)
    yield "group-image", lambda: L.GroupNormalization(2), (3, 5, 4)
    yield "group-instance", lambda: L.GroupNormalization(-1), (3, 5, 4)
    yield "group-axis", lambda: L.GroupNormalization(2, axis=1), (4, 5)
    yield "unit", lambda: L.UnitNormalization(), (6, 4)
    yield "unit-axes", lambda: L.UnitNormalization(axis=[1, 2]), (6, 4)
    for name, make in {"dense": lambda: L.Dense(3), "conv": lambda: L.Conv1D(3, 2)}.items():
        yield f"spectral-{name}", lambda m=make: L.SpectralNormalization(m(), power_iterations=2), (6, 4)
    yield "spectral-embedding", lambda: L.SpectralNormalization(L.Embedding(9, 3)), {"ids": 9, "shape": (5,)}
    yield "rms", lambda: L.RMSNormalization(), (6, 4)
    yield "rescaling", lambda: L.Rescaling(1 / 127.5, offset=-1), (6, 5, 3)
    yield "rescaling-vector", lambda: L.Rescaling([0.5, 2.0, 3.0], offset=[0.1, 0.0, 1.0]), (6, 5, 3)
    yield "rescaling-int", lambda: L.Rescaling(1 / 255), {"ids": 256, "shape": (6, 5, 3)}
    yield "numbers", lambda: L.Normalization(mean=[1.0, 2.0, 3.0], variance=[0.5, 2.0, 4.0]), (3,)
    yield "numbers-image", lambda: L.Normalization(mean=[1.0, 2.0, 3.0], variance=[0.5, 2.0, 4.0]), (6, 5, 3)
    yield "numbers-scalar", lambda: L.Normalization(axis=None, mean=1.0, variance=4.0), (6, 3)
    yield "numbers-inverted", lambda: L.Normalization(mean=[1.0, 2.0, 3.0], variance=[0.5, 2.0, 4.0], invert=True), (3,)

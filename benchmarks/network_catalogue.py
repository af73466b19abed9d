"""The networks that are measured: one model of every family of keras.applications at its own size, and some small ones."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from keras_apps import FAMILIES, images, settle

Sample = dict[str, np.ndarray]
ROWS, SETTLED_ON = 8, 4


def application(name: str) -> tuple[Any, Sample]:
    """The model with weights as training leaves them, and images as it wants them."""
    make = getattr(keras.applications, name)
    model = make(weights=None)
    if None in model.input_shape[1:]:
        model = make(weights=None, input_shape=(224, 224, 3))
    settle(model, images(model, SETTLED_ON))
    return model, {model.layers[0].name: images(model, ROWS, seed=1)}


def lstm() -> tuple[Any, Sample]:
    """50 steps of 16 numbers, two layers of 64 units."""
    x = keras.Input((50, 16), name="steps")
    model = keras.Model(x, layers.Dense(1)(layers.LSTM(64)(layers.LSTM(64, return_sequences=True)(x))))
    return model, {"steps": _rng().normal(size=(ROWS, 50, 16)).astype(np.float32)}


def transformer() -> tuple[Any, Sample]:
    """64 tokens, two blocks of attention with 4 heads and of a dense layer with Gelu, 64 wide."""
    tokens = keras.Input((64,), dtype="int32", name="tokens")
    x = layers.Embedding(1000, 64)(tokens)
    for _ in range(2):
        x = layers.LayerNormalization()(layers.Add()([x, layers.MultiHeadAttention(4, 16)(x, x)]))
        x = layers.LayerNormalization()(layers.Add()([x, layers.Dense(64)(layers.Dense(256, activation="gelu")(x))]))
    model = keras.Model(tokens, layers.Dense(4, activation="softmax")(layers.GlobalAveragePooling1D()(x)))
    return model, {"tokens": _rng().integers(0, 1000, (ROWS, 64)).astype(np.int32)}


def tabular(*, text: bool) -> tuple[Any, Sample]:
    """8 numbers, 10 integers and, if wanted, words of a vocabulary, prepared by layers; three dense ones behind them."""
    rng = _rng()
    numbers, visits, colors = rng.normal(3, 2, (200, 8)), rng.integers(0, 10, (200, 1)), rng.choice(COLORS, (200, 1))
    sample: Sample = {"numbers": numbers.astype(np.float32), "visits": visits}
    scale, count = layers.Normalization(), layers.IntegerLookup(output_mode="one_hot")
    scale.adapt(sample["numbers"])
    count.adapt(visits)
    ends = {"numbers": keras.Input((8,), name="numbers"), "visits": keras.Input((1,), dtype="int64", name="visits")}
    parts = [scale(ends["numbers"]), count(ends["visits"])]
    if text:
        look = layers.StringLookup(output_mode="one_hot")
        look.adapt(colors)
        sample["color"], ends["color"] = colors, keras.Input((1,), dtype="string", name="color")
        parts.append(look(ends["color"]))
    x = layers.Dense(32, activation="relu")(layers.Dense(64, activation="relu")(layers.Concatenate()(parts)))
    return keras.Model(ends, layers.Dense(2, activation="softmax")(x)), {name: array[:ROWS] for name, array in sample.items()}


COLORS = np.array(["red", "green", "blue", "grey"])
NETWORKS: dict[str, Callable[[], tuple[Any, Sample]]] = {
    **{name: partial(application, name) for name in FAMILIES},
    "LSTM": lstm,
    "Transformer": transformer,
    "Tabular": partial(tabular, text=False),
    "TabularText": partial(tabular, text=True),
}


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)

"""The layer matrix: a name, what makes the layer, and the shapes of its inputs. A dict shape is what the input holds instead of
normal numbers: {"ids": 7, "shape": (5,)}."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keras_cases import core, masks, parameters, sequences, signals, texts, values, windows

# Classes of keras.layers that have no case of their own, and why.
WITHOUT_CASES = {
    "InputLayer": "the input of every case",
    "Layer": "the base of all; what a user makes of it is traced (tests/converters/keras/test_unrolled.py)",
    "Wrapper": "the base of wrappers, which computes nothing",
    "LSTMCell": "in the cases of RNN",
    "GRUCell": "in the cases of RNN",
    "SimpleRNNCell": "in the cases of RNN",
    "StackedRNNCells": "in the cases of RNN",
}

Case = tuple[str, Callable[[], Any], list[Any]]


def cases() -> Iterator[Case]:
    """Every case of every part."""
    for part in (
        core.core, core.activations, windows.convolutional, windows.pooling, windows.normalization, core.reshaping, core.merging,
        core.regularization, values.preprocessing, sequences.recurrent, sequences.steps, sequences.attention,
        signals.augmentation, signals.images, signals.histograms, signals.sound, texts.texts, texts.categories,
        parameters.windows, parameters.shapes, parameters.weights, parameters.pictures,
        masks.through, masks.recurrent, masks.attention,
    ):  # fmt: skip
        area = "masks-" if part.__module__ == masks.__name__ else ""
        for name, make, *shapes in part():
            yield f"{area}{part.__name__}-{name}", make, shapes

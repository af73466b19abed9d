"""Models of keras.applications without a download: one of each family, and weights as training would leave them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

# One of each family, the smallest, and the smallest image that it takes (or one that shows odd sizes at its strides). Of
# InceptionV3 its own: 76 pixels leave one of its last features, where Keras' float32 itself is 1e-5 away from float64. Of
# EfficientNetB0 its own, too: Keras' means over 112 x 112 pixels of one colour are 2e-5 away from float64, which the proof asks.
FAMILIES = {
    "VGG16": 32, "ResNet50": 65, "ResNet50V2": 64, "MobileNet": 64, "MobileNetV2": 64, "MobileNetV3Small": 64, "DenseNet121": 64,
    "NASNetMobile": 64, "InceptionV3": 299, "InceptionResNetV2": 76, "Xception": 76, "EfficientNetB0": 224,
    "EfficientNetV2B0": 64, "ConvNeXtTiny": 64,
}  # fmt: skip
# Families that scale their input themselves want numbers of this size.
PIXELS = 255.0


def application(name: str, size: int, seed: int = 0) -> Any:
    """The model `keras.applications.<name>` for images [size, size, 3] and 10 classes, with weights like trained ones."""
    keras.utils.set_random_seed(seed)
    model = _built(name, size)
    settle(model, images(model, 16, seed), seed)
    return model


def in_float64(model: Any, name: str, x: np.ndarray) -> np.ndarray:
    """What the same layers with the same weights answer in float64: the number that float32 rounds on its way."""
    policy = keras.config.dtype_policy().name
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        twin = _built(name, model.input_shape[1])
        twin.set_weights([weight.astype(np.float64) for weight in model.get_weights()])
        return np.asarray(twin(x.astype(np.float64), training=False))
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy(policy)


def _built(name: str, size: int) -> Any:
    return getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3), classes=10)


def images(model: Any, rows: int, seed: int = 0) -> np.ndarray:
    """Waves of several colours, lengths and strengths, with noise; numbers up to 255 where the model scales them itself."""
    size, rng = model.input_shape[1], np.random.default_rng(seed)
    grid = np.linspace(0, 1, size)
    along, across = (rng.uniform(0, 25, (rows, 1, 1, 3)) for _ in range(2))
    wave = np.sin(grid[:, None, None] * along + grid[:, None] * across + rng.uniform(0, 6, (rows, 1, 1, 3)))
    noise = rng.normal(size=(rows, size, size, 3)) * rng.uniform(0, 0.3, (rows, 1, 1, 1))
    x = np.clip(rng.uniform(0.2, 0.8, (rows, 1, 1, 3)) + rng.uniform(0, 0.5, (rows, 1, 1, 3)) * wave + noise, 0, 1)
    scaled = any(isinstance(layer, keras.layers.Rescaling | keras.layers.Normalization) for layer in model.layers)
    return (x * PIXELS if scaled else 2 * x - 1).astype(np.float32)


def settle(model: Any, x: np.ndarray, seed: int = 0) -> None:
    """Weights as training leaves them: biases that are not 0, gains that are not 1, moving statistics near those of the data,
    logits of size 1."""
    rng = np.random.default_rng(seed)
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for layer in model.layers:
        for weight in layer.trainable_weights:
            if weight.path.endswith(("bias", "beta")):
                weight.assign(rng.normal(0, 0.1, weight.shape))
            elif weight.path.endswith("gamma") or type(layer).__name__ == "LayerScale":
                weight.assign(rng.uniform(0.6, 1.4, weight.shape))
            elif not norms:  # a relu after it halves the squares
                weight.assign(np.asarray(weight.value) * np.sqrt(2))
    _learn_statistics(model, norms, x, rng)
    last = next(layer for layer in reversed(model.layers) if hasattr(layer, "kernel"))  # the product before the softmax
    features = np.asarray(keras.Model(model.inputs[0], last.input)(x, training=False)).reshape(len(x), -1)
    kernel = np.asarray(last.kernel.value)
    last.kernel.assign(kernel / (features @ kernel.reshape(-1, kernel.shape[-1])).std())


def _learn_statistics(model: Any, norms: list[Any], x: np.ndarray, rng: np.random.Generator) -> None:
    """One step of training without the training, and a little beside it."""
    momenta = [layer.momentum for layer in norms]
    for layer in norms:
        layer.momentum = 0.0
    model(x, training=True)
    for layer, momentum in zip(norms, momenta, strict=True):
        layer.momentum = momentum
        spread = np.sqrt(np.asarray(layer.moving_variance.value))
        layer.moving_mean.assign_add(spread * rng.normal(0, 0.1, spread.shape))
        layer.moving_variance.assign(np.square(spread * rng.uniform(0.9, 1.2, spread.shape)) + 1e-3)

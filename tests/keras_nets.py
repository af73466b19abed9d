"""Models around one layer, with weights that are not saturated, and samples for them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras.src.backend import random as backend_random

if keras.config.backend() == "jax":  # which compiles its generator for seconds, for every shape that a weight may have
    RNG = np.random.RandomState(0)
    backend_random.uniform = lambda shape, minval=0.0, maxval=1.0, dtype=None, seed=None: keras.ops.convert_to_tensor(
        RNG.uniform(minval, maxval, shape), dtype
    )
    backend_random.normal = lambda shape, mean=0.0, stddev=1.0, dtype=None, seed=None: keras.ops.convert_to_tensor(
        RNG.normal(mean, stddev, shape), dtype
    )
else:
    RNG = None


def seed(number: int) -> None:
    """Begin anew with the random weights of all backends."""
    keras.utils.set_random_seed(number)
    if RNG is not None:
        RNG.seed(number)


def around(make: Any, shapes: list[Any]) -> Any:
    """A functional model with one layer, its weights perturbed: the same ones whenever it is made."""
    keras.utils.set_random_seed(0)
    inputs = [_input(shape, f"x{i}") for i, shape in enumerate(shapes)]
    layer = make()
    # A merging layer takes a list; a function of the case's own takes them one by one.
    apart = len(inputs) == 1 or not isinstance(layer, keras.Layer) or "Attention" in type(layer).__name__
    model = keras.Model(inputs, layer(*inputs) if apart else layer(inputs))
    perturb(model)
    return model


def perturb(model: Any, seed: int = 0) -> None:
    """Other weights than the initial zeros and ones; variances stay positive."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        # What `adapt` has found takes effect when the layer is loaded, not when it is assigned.
        if str(weight.dtype).startswith("float") and not weight.path.startswith("normalization"):
            value = keras.ops.convert_to_numpy(weight.value + 0)
            moved = value + rng.normal(0, 0.1, value.shape)
            weight.assign((np.abs(moved) + 0.1 if "variance" in weight.path else moved).astype(value.dtype))


def sample(shapes: list[Any], rows: int = 12, seed: int = 0) -> dict[str, np.ndarray]:
    """Arrays for `around`."""
    rng = np.random.default_rng(seed)
    return {f"x{i}": _array(shape, rows, rng) for i, shape in enumerate(shapes)}


def _input(shape: Any, name: str) -> Any:
    if isinstance(shape, dict):
        return keras.Input(shape["shape"], batch_size=shape.get("batch"), dtype=_dtype(shape), name=name)
    return keras.Input(shape, name=name)


def _dtype(shape: dict[str, Any]) -> str:
    kind = "string" if "words" in shape else "int32" if "ids" in shape else "float32"
    return str(shape.get("dtype", kind))


def _array(shape: Any, rows: int, rng: np.random.Generator) -> np.ndarray:
    """shape: what `keras_layers` says about it. size: of the sample, where the input's own is not fixed."""
    shape = shape if isinstance(shape, dict) else {"shape": shape}
    size = (rows, *shape.get("size", shape["shape"]))
    if "words" in shape:
        return rng.choice(np.array(shape["words"], object), size=size)
    if "ids" in shape:
        return rng.integers(shape["ids"], size=size).astype(_dtype(shape))
    return rng.normal(size=size).astype(_dtype(shape))

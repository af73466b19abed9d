"""The same model in float64: what its layers and weights answer where float32 does not round on the way.

Keras writes the precision of every layer in the model's configuration, so that a twin is the configuration with another name in
it, and the weights. Where none can be made there is no such evidence, and the proof goes on without it.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

NARROW, WIDE = "float32", "float64"


def widened(model: Any) -> Any | None:
    """A model of the same layers and weights that computes in float64; None where there is none: on JAX, which has no float64,
    with layers of another policy than float32, and of classes that cannot be made from their configuration."""
    if keras.backend.backend() == "jax" or not isinstance(model, keras.Sequential | keras.src.models.functional.Functional):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            twin = type(model).from_config(_widened(model.get_config()))
            twin.set_weights([w.astype(WIDE) if w.dtype == np.float32 else w for w in map(np.asarray, model.get_weights())])
            for layer in twin._flatten_layers():
                if isinstance(layer, keras.layers.Normalization):
                    layer.finalize_state()  # what it has learned takes effect here
    except Exception:  # whatever the class of a layer says to its configuration
        return None
    return twin if all(_computes_wide(layer) for layer in twin._flatten_layers()) else None


def _computes_wide(layer: Any) -> bool:
    """Whether it is no layer of floats, or one of float64. What holds layers, or a model's input, computes nothing itself."""
    holds = isinstance(layer, keras.layers.InputLayer | keras.Model)
    return holds or layer.compute_dtype == WIDE or not str(layer.compute_dtype).endswith(("float16", "float32"))


def _widened(value: Any) -> Any:
    """A configuration with every `dtype` of float32 in it as float64."""
    if isinstance(value, Mapping):
        return {key: _policy(each) if key == "dtype" else _widened(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_widened(each) for each in value)
    return value


def _policy(dtype: Any) -> Any:
    if isinstance(dtype, Mapping) and dtype.get("config", {}).get("name") == NARROW:
        return {**dtype, "config": {**dtype["config"], "name": WIDE}}
    return WIDE if dtype == NARROW else dtype

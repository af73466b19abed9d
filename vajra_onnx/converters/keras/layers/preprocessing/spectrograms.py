"""keras.layers.preprocessing: STFTSpectrogram and MelSpectrogram. Source: `keras.src.layers.preprocessing.stft_spectrogram`,
`mel_spectrogram` and `keras.src.backend.tensorflow.math.stft`."""

from __future__ import annotations

from typing import Any

import numpy as np
from spox import Var

from .....errors import UnsupportedError
from .....graph import ops
from .....graph.stft import stft as spectra
from .....graph.values import cast, constant_like
from ...backend import answers_as
from ...emit import emits
from ...layer import Layer
from ...refusal import UndecidedError
from ...tensor import Tensor, moved, shape_of
from ...values import channels_axis, floats, ints, pads_of
from ..convolutional import auto_pad, convolved
from .mel_scale import triangles
from .numbers import EPSILON

MODES = ("log", "magnitude", "psd", "real", "imag", "stft")


@emits("STFTSpectrogram")
def stft(layer: Layer, x: Tensor) -> Tensor:
    """Windows of a signal times cosines and sines, which are weights, and what is made of the two. [N, T, C] of a signal is
    [N, frames, C * frequencies], or [N, frames, frequencies, C]."""
    layer.ignore("fft_length", "window", "periodic", "scaling")  # they are in the weights
    if layer.get("mode", "log") == "angle":
        raise UndecidedError("STFTSpectrogram(mode='angle')", hint="an angle of numbers that are 0 but for rounding is arbitrary")
    layer.only("mode", *MODES)
    last = channels_axis(layer, x) == 2
    signal = floats(layer, x)
    parts = _parts(layer, signal.channels_first if last else signal.var)
    return Tensor.of(_arranged(layer, _made(layer.get("mode", "log"), parts), last))


def _parts(layer: Layer, signal: Var) -> list[Var]:
    """The products with cosines, with sines, or both, each [N, C, frequencies, frames]."""
    kernels = layer.weights(1 if layer.get("mode", "log") in ("real", "imag") else 2)
    step = layer.get("frame_step") or layer.get("frame_length") // 2
    layer.ignore("frame_length")
    window: dict[str, Any] = {"strides": [step], "auto_pad": auto_pad(layer.get("padding", "valid"))}
    rows = ops.reshape(signal, ops.concat([ints([-1, 1]), ops.shape(signal, start=2)], axis=0))
    sizes = [ops.concat([ops.shape(signal, end=2), ints([k.shape[-1], -1])], axis=0) for k in kernels]
    return [ops.reshape(convolved(rows, k, None, **window), size) for k, size in zip(kernels, sizes, strict=True)]


def _made(mode: str, parts: list[Var]) -> Var:
    if mode in ("real", "imag"):
        return parts[0]
    if mode == "stft":
        return ops.concat(parts, axis=2)
    power = ops.add(*(ops.mul(part, part) for part in parts))
    if mode == "psd":  # every frequency but the first and the last stands for two
        inner = ops.slice(power, ints(1), ints(-1), ints(2))
        return ops.add(power, ops.pad(inner, pads_of(len(shape_of(inner)), [2], [1], [1]), constant_like(power, 0)))
    magnitude = ops.sqrt(ops.max([power, constant_like(power, EPSILON)]))
    return magnitude if mode == "magnitude" else ops.log(ops.max([magnitude, constant_like(power, EPSILON)]))


def _arranged(layer: Layer, x: Var, last: bool) -> Var:
    """[N, C, frequencies, frames] as the layer answers."""
    if layer.get("expand_dims", False):
        return ops.transpose(x, perm=[0, 3, 2, 1] if last else [0, 1, 3, 2])
    flat = ops.reshape(x, ops.concat([ops.shape(x, end=1), ints(-1), ops.shape(x, start=3)], axis=0))
    return moved(flat, 1, 2) if last else flat


@emits("MelSpectrogram")
def mel(layer: Layer, x: Tensor) -> Tensor:
    """Magnitudes of windowed frames, weighed by triangles on the mel scale. [N, T] of a signal is [N, bins, frames]."""
    if layer.get("power_to_db", True):
        hint = "power_to_db=False; keras.ops.log10 after it does not look at other rows"
        raise UndecidedError("MelSpectrogram(power_to_db=True) is relative to the loudest row of the batch", hint=hint)
    layer.ignore("top_db", "min_power", "ref_power")
    if x.rank != 2:
        raise UnsupportedError("MelSpectrogram", expected="[N, T]", got=f"{x.rank} axes")
    size, step = layer.get("fft_length", 2048), layer.get("sequence_stride", 512)
    var, half = floats(layer, x).var, size // 2
    padded = ops.pad(var, pads_of(2, [1], [half], [half]), None, mode="reflect")
    window = constant_like(var, _window(layer, size))
    spectrum = spectra(ops.unsqueeze(padded, ints(2)), step, window, size)
    squares = ops.reduce_sum(ops.mul(spectrum, spectrum), ints(3), keepdims=0)
    exponent = layer.get("mag_exp", 2.0)
    power = squares if exponent == 2 else ops.pow(ops.sqrt(squares), constant_like(var, exponent))
    rate, low = layer.get("sampling_rate", 16000), layer.get("min_freq", 20.0)
    high = layer.get("max_freq") or int(rate / 2)
    weights = triangles(rate, layer.get("num_mel_bins", 128), low, high, half + 1)
    bins = ops.matmul(power, constant_like(var, weights))
    return Tensor.of(cast(ops.transpose(bins, perm=[0, 2, 1]), layer.dtype))


def _window(layer: Layer, size: int) -> np.ndarray:
    """The window of a frame, zeros around it up to the size of the transform."""
    length, name = layer.get("sequence_length") or size, layer.get("window", "hann")
    # TensorFlow's windows of an odd length are symmetric, also those that it calls periodic.
    period = length - 1 if length % 2 and length > 1 and answers_as("tensorflow") else length
    turns = 2 * np.pi * np.arange(length) / period
    if name not in ("hann", "hamming", None):
        raise UnsupportedError("MelSpectrogram(window=...)", expected="hann | hamming | None", got=repr(name)[:60])
    cosine = {"hann": 0.5 - 0.5 * np.cos(turns), "hamming": 0.54 - 0.46 * np.cos(turns), None: np.ones(length)}[name]
    before = (size - length) // 2
    return np.pad(cosine, (before, size - length - before)) if name else np.ones(size)

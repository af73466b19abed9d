"""The mel scale, and the triangles on it by which frequencies count for bins, in float32 as TensorFlow computes them: where bins
are narrow their edges differ in the last digits alone, and another logarithm makes other weights.

Source: `keras.src.layers.preprocessing.mel_spectrogram`; `plog` of Eigen, without fused operations, as in
TensorFlow's wheels.
"""

from __future__ import annotations

from typing import Any

import numpy as np

F = np.float32
BREAK, QUOTIENT = F(700.0), F(1127.0)  # of the mel scale, in Hertz
ABOVE = (F(1.0000000190281136), F(1.0000000190281063), F(0.18256296349849254))
BELOW = (F(1), F(1.4999999999999927), F(0.59923249590823520), F(0.049616247954120038))


def triangles(rate: int, bins: int, low: float, high: float, frequencies: int) -> np.ndarray:
    """[frequencies, bins], float32: how much every frequency, 0 to rate / 2, counts for every bin. low, high: in Hertz."""
    place = _mel(np.linspace(F(0), F(rate) / F(2), frequencies, dtype=F))[1:, None]
    edges = np.linspace(_mel(F(low)), _mel(F(high)), bins + 2, dtype=F)
    left, middle, right = edges[:-2], edges[1:-1], edges[2:]
    sides = np.minimum((place - left) / (middle - left), (right - place) / (right - middle))
    return np.pad(np.maximum(F(0), sides), ((1, 0), (0, 0)))


def _mel(hertz: Any) -> Any:
    return QUOTIENT * _log(F(1) + hertz / BREAK)


def _log(x: Any) -> Any:
    """The logarithm: a quotient of polynomials around 1, and the exponent times log 2, each step rounded to float32."""
    mantissa, exponent = np.frexp(x)
    small = mantissa < F(np.sqrt(0.5))
    rest = (mantissa - F(1)) + np.where(small, mantissa, F(0))
    return (exponent - small).astype(F) * F(np.log(2)) + rest * _polynomial(rest, ABOVE) / _polynomial(rest, BELOW)


def _polynomial(x: Any, coefficients: tuple[np.float32, ...]) -> Any:
    """From the lowest power on."""
    result: Any = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        result = x * result + coefficient
    return result

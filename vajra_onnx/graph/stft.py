"""STFT of signals of any length: shape inference gives up where it is not fixed, and says so."""

from __future__ import annotations

import warnings

import numpy as np
from spox import Var
from spox._exceptions import InferenceWarning

from . import ops
from .values import constant


def stft(signal: Var, step: int, window: Var, size: int) -> Var:
    """The spectra of windowed frames, [N, frames, size / 2 + 1, 2]: real and imaginary parts. signal: [N, T, 1]."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InferenceWarning)
        spectra = ops.stft(signal, constant(step, np.int64), window, constant(size, np.int64))
    if spectra.unwrap_tensor().shape is None:
        spectra = ops.reshape(spectra, constant([0, 0, size // 2 + 1, 2], np.int64))
    return spectra

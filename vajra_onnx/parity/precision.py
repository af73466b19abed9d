"""Which numbers carry the rounding of float32 although their type is float64: a float32 product to which a float64 intercept is
added, a vote that is weighed by a float32 score.

The evidence is the original's alone: asked about the same numbers held in float64, it answers a little otherwise wherever it
computed in float32. The graph has no say, so that a converter which rounds where the original does not must fail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..frames import read, rebuild
from ..frames.read import library
from .compare import FLOAT64_RTOL, scale_of
from .original import Original
from .rows import Rows

# A difference is rounding if it lies between these parts of the scale: float64's own last bits are below, a jump to another leaf
# or label above. It counts where so large a share of the rows shows it: saturated answers hide it.
ROUNDING = (FLOAT64_RTOL, 2.0**-12)
SHARE = 1 / 16

Single = Callable[[str], np.ndarray]


def nowhere(method: str) -> np.ndarray:
    """No number of any output carries the rounding of float32."""
    return np.zeros((), bool)


@dataclass
class Precision:
    """The precision in which an original computed. rows: any that it accepts; those of kind "sample" give the scale."""

    original: Original
    rows: Rows
    _known: dict[str, np.ndarray] = field(default_factory=dict, init=False)

    def single(self, method: str) -> np.ndarray:
        """Which columns of a method's float64 answers carry the rounding of float32: [K], 1 of [N]."""
        if method not in self._known:
            self._known[method] = self._single(method) if self._is_narrow else nowhere(method)
        return self._known[method]

    @property
    def _is_narrow(self) -> bool:
        return any(values.dtype == np.float32 for values in self.rows.values)

    def _single(self, method: str) -> np.ndarray:
        data = rebuild(self.original.sample, self.rows.raw())
        try:
            narrow, wide = (_flat(Original(self.original.model, d, {method: method}).run(read(d))[method]) for d in _both(data))
        except Exception:  # the model has no such method, or refuses float64
            return nowhere(method)
        if narrow.dtype != np.float64 or wide.shape != narrow.shape:
            return nowhere(method)
        size = np.maximum(np.abs(narrow), scale_of(narrow[self.rows.kinds == "sample"], method))
        with np.errstate(all="ignore"):
            part = np.abs(wide - narrow) / size
        lowest, highest = ROUNDING
        return np.asarray(((part > lowest) & (part < highest)).mean(axis=0) >= SHARE)


def _both(data: Any) -> tuple[Any, Any]:
    """The data, and the same numbers in float64 wherever they are float32."""
    if not hasattr(data, "dtypes"):
        return data, data.astype(np.float64)
    if library(data) == "polars":
        return data, data.cast(
            {name: type(data[name].cast(float).dtype) for name, kind in data.schema.items() if str(kind) == "Float32"}
        )
    return data, data.astype({name: np.float64 for name, dtype in data.dtypes.items() if dtype == np.float32})


def _flat(answers: np.ndarray) -> np.ndarray:
    return answers.reshape(len(answers), -1)

"""sklearn.kernel_approximation."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.kernel_approximation import (
    AdditiveChi2Sampler,
    Nystroem,
    PolynomialCountSketch,
    RBFSampler,
    SkewedChi2Sampler,
)
from spox import Var

from ...errors import UnsupportedError
from ...graph import ops
from ...graph.block import Block, working
from ...graph.refuse import refuse_where
from ...graph.values import cast, concat, constant_like, dtype_of
from ..registry import Outputs, converts
from . import float32
from .arrays import in_place, wider
from .float32 import rounded
from .metrics.kernels import pairwise_kernels, plus, times

# sklearn.kernel_approximation.AdditiveChi2Sampler: the interval that belongs to each number of steps.
INTERVALS = {1: 0.8, 2: 0.5, 3: 0.4}


@converts(RBFSampler)
def rbf_sampler(model: RBFSampler, block: Block) -> Block:
    """sqrt(2 / components) * cos(x @ weights + offset)."""
    return _waves(model, block.matrix(), (2.0 / model.n_components) ** 0.5)


@converts(SkewedChi2Sampler)
def skewed_chi2_sampler(model: SkewedChi2Sampler, block: Block) -> Block:
    """sqrt(2 / components) * cos(log(x + skewedness) @ weights + offset); x must be above -skewedness."""
    x = block.floats()
    message = "SkewedChi2Sampler: expected numbers above -skewedness, got one that is not"
    x = refuse_where(x, ops.less_or_equal(x, constant_like(x, -model.skewedness)), message)
    return _waves(model, float32.log(plus(x, model.skewedness)), np.sqrt(2.0) / np.sqrt(model.n_components))


def _waves(model: Any, x: Var, height: Any) -> Block:
    projection = in_place(ops.add, wider(ops.matmul, x, model.random_weights_), model.random_offset_)
    return Block.matrix_of(times(rounded(ops.cos, projection), height), model.random_weights_.shape[1])


@converts(AdditiveChi2Sampler)
def additive_chi2_sampler(model: AdditiveChi2Sampler, block: Block) -> Block:
    """sqrt(x L), then sqrt(2 x L / cosh(pi j L)) times cos and sin of j L log(x), 0 where x is 0; in the dtype of x.

    Integers stay integers: the original cuts the decimals off, and so does the graph.
    """
    kind = block.dtype
    if kind.kind == "b" or kind.itemsize < 4:
        raise UnsupportedError("AdditiveChi2Sampler", expected="float or 32 or 64 bit integer columns", got=str(kind))
    interval = INTERVALS[model.sample_steps] if model.sample_interval is None else model.sample_interval
    x = block.matrix()
    x = refuse_where(x, ops.less(x, constant_like(x, 0)), "AdditiveChi2Sampler: expected no negative numbers, got one")
    empty = ops.equal(x, constant_like(x, 0))
    positive = cast(ops.where(empty, constant_like(x, 1), x), working(kind if kind.kind == "f" else np.float64))
    phase, power = times(float32.log(positive), interval), times(times(positive, 2.0), interval)
    parts = [ops.sqrt(times(positive, interval))]
    for j in range(1, model.sample_steps):
        factor = ops.sqrt(wider(ops.div, power, np.asarray(np.cosh(np.pi * j * interval))))
        angle = times(phase, float(j))
        parts += [ops.mul(factor, cast(rounded(wave, angle), dtype_of(factor))) for wave in (ops.cos, ops.sin)]
    filled = [ops.where(empty, constant_like(x, 0), cast(part, dtype_of(x))) for part in parts]
    return Block.matrix_of(concat(filled), block.width * len(parts), sparse=block.sparse)


@converts(Nystroem)
def nystroem(model: Nystroem, block: Block) -> Block:
    """kernel(x, components) @ normalization.T."""
    kernel = pairwise_kernels(block, model.components_, model.kernel, **_parameters(model))
    return Block.matrix_of(wider(ops.matmul, kernel, model.normalization_.T), len(model.normalization_))


def _parameters(model: Nystroem) -> dict[str, Any]:
    names = ("gamma", "degree", "coef0")
    given = {k: v for k, v in (model.kernel_params or {}).items() if k in names}
    return given | {name: getattr(model, name) for name in names if getattr(model, name) is not None}


@converts(PolynomialCountSketch)
def polynomial_count_sketch(model: PolynomialCountSketch, block: Block) -> Outputs:
    """Refused: the original multiplies its sketches by way of an FFT, and most of its answers are what that leaves of rounding.

    Of 100 components of 5 features 80 are 0, and the original answers up to 2e-15 there, 96 % of the time not 0. Those digits are
    of pocketfft's butterflies and of the fused multiply-add in numpy's complex product, which not every processor has. A row with
    a number whose square overflows is NaN in all columns, not only in those that the number reaches.
    """
    hint = "PolynomialFeatures or Nystroem(kernel='poly') approximate or give the same kernel"
    raise UnsupportedError("PolynomialCountSketch: most of its answers are the rounding errors of an FFT", hint=hint)

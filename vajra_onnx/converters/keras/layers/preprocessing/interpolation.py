"""What one axis of an image becomes when it is resized: the weights of its entries, or the two neighbours of every new one.

Source: TensorFlow's kernels behind `tf.image.resize` (resize_bilinear_op, resize_nearest_neighbor_op, resize_bicubic_op,
resize_area_op, scale_and_translate_op), whose coordinates are float32.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from spox import Var

from .....errors import UnsupportedError
from .....graph import ops
from .....graph.values import cast, constant, constant_like
from ...backend import answers_as
from ...tensor import shape_of
from ...values import pads_of
from .sine import sine

F = np.float32
Taps = tuple[list[int], list[float]]  # indices and weights
# Radius, and weight at a distance of at least 0.
KERNELS: dict[str, tuple[float, Callable[[np.ndarray], np.ndarray]]] = {
    "bilinear": (1.0, lambda x: np.maximum(0, 1 - x)),
    "bicubic": (2.0, lambda x: _keys(x)),
    "lanczos3": (3.0, lambda x: _lanczos(x, 3.0)),
    "lanczos5": (5.0, lambda x: _lanczos(x, 5.0)),
}
TABLE = 1024  # entries per unit of distance in the table of bicubic weights


def resized_axis(var: Var, axis: int, size: int, method: str, antialias: bool) -> Var:
    """A float32 tensor with another size of one axis. Raises UnsupportedError where weights need a size that is not fixed."""
    before = shape_of(var)[axis]
    if method == "nearest":
        return ops.gather(var, _nearest(var, axis, size), axis=axis)
    if method == "bilinear" and not antialias and (before is None or not answers_as("torch")):
        return _between(var, axis, size)
    if before is None:
        raise UnsupportedError(f"{method} interpolation of an axis whose size is not fixed", hint="fix height and width")
    index, weights = _stacked(_taps(before, size, method, antialias), before)
    behind = [1] * (len(shape_of(var)) - axis - 1)
    if (index == before).any():
        var = ops.pad(var, pads_of(len(shape_of(var)), [axis], [0], [1]), constant_like(var, 0))
    total = None  # one after the other, as TensorFlow: the last bit decides where whole numbers are rounded
    for place, weight in zip(index.T, weights.T, strict=True):
        part = ops.mul(ops.gather(var, constant(place, np.int64), axis=axis), constant(weight.reshape(-1, *behind), F))
        total = part if total is None else ops.add(total, part)
    assert total is not None
    return total


def area_factor(before: Sequence[int | None], size: Sequence[int]) -> np.float32:
    """What the sums of `area` are multiplied with in the end: 1 / (how many entries a new one covers)."""
    scales = [F(b or 0) / F(s) for b, s in zip(before, size, strict=True)]
    return F(1.0 / float(scales[0] * scales[1]))


def _taps(before: int, size: int, method: str, antialias: bool) -> list[Taps]:
    """For every new entry, which ones count for it and how much; some count 0, as in TensorFlow, and pass a NaN on."""
    if method == "area":
        return _area(before, size)
    if answers_as("torch") and not antialias:
        return _torch(before, size, method)
    return (
        _cubic(before, size)
        if method == "bicubic" and not (antialias or answers_as("jax"))
        else _spans(before, size, method, antialias)
    )


def _stacked(taps: list[Taps], nothing: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices and weights [size, most], filled up with the index of a zero behind the axis: 0 * inf is NaN."""
    most = max(len(index) for index, _ in taps)
    index = [list(i) + [nothing] * (most - len(i)) for i, _ in taps]
    return np.array(index), np.array([list(w) + [0.0] * (most - len(w)) for _, w in taps])


def _positions(var: Var, axis: int, size: int) -> tuple[Var, Var]:
    """(i + 0.5) * before / size for every new entry, float32; and `before`, the size of the axis, int64 [1]."""
    before = ops.shape(var, start=axis, end=axis + 1)
    scale = ops.div(cast(before, F), constant([size], F))
    return ops.mul(constant(np.arange(size) + 0.5, F), scale), before


def _nearest(var: Var, axis: int, size: int) -> Var:
    position, before = _positions(var, axis, size)
    return _within(cast(ops.floor(position), np.int64), before)


def _between(var: Var, axis: int, size: int) -> Var:
    """low + (high - low) * how far it is from low to high, in this order."""
    position, before = _positions(var, axis, size)
    position = ops.sub(position, constant_like(position, 0.5))
    floor = ops.floor(position)
    low, high = (ops.gather(var, _within(cast(p, np.int64), before), axis=axis) for p in (floor, ops.ceil(position)))
    far = ops.reshape(ops.sub(position, floor), constant([size] + [1] * (len(shape_of(var)) - axis - 1), np.int64))
    return ops.add(low, ops.mul(ops.sub(high, low), far))


def _within(index: Var, before: Var) -> Var:
    return ops.min([ops.max([index, constant_like(index, 0)]), ops.sub(before, constant_like(before, 1))])


def _area(before: int, size: int) -> list[Taps]:
    """The stretch that a new entry covers, and the share of every entry in it."""
    scale, taps = F(before) / F(size), []
    for i in range(size):
        begin, end = F(i) * scale, F(i + 1) * scale
        span = range(int(np.floor(begin)), int(np.ceil(end)))
        shares = [_share(F(j), begin, end, scale) for j in span]
        taps.append(([min(max(j, 0), before - 1) for j in span], [float(share) for share in shares]))
    return taps


def _share(place: np.float32, begin: np.float32, end: np.float32, whole: np.float32) -> np.float32:
    """How much of an entry lies between two places; `whole` where both lie inside of it."""
    if place < begin:
        return whole if place + F(1) > end else place + F(1) - begin
    return end - place if place + F(1) > end else F(1)


def _cubic(before: int, size: int) -> list[Taps]:
    """Four neighbours, their weights from a table of distances; those outside of the image do not count."""
    scale, steps = F(before) / F(size), np.arange(TABLE + 1) / TABLE
    near, far = _keys(steps).astype(F), _keys(steps + 1).astype(F)
    taps = []
    for i in range(size):
        position = (F(i) + F(0.5)) * scale - F(0.5)
        low = int(np.floor(position))
        place = int(np.rint((position - F(low)) * F(TABLE)))
        span = range(low - 1, low + 3)
        found = [far[place], near[place], near[TABLE - place], far[TABLE - place]]
        inside = np.array([w if 0 <= j < before else 0 for j, w in zip(span, found, strict=True)], F)
        taps.append(([min(max(j, 0), before - 1) for j in span], list(_normalized(inside))))
    return taps


def _torch(before: int, size: int, method: str) -> list[Taps]:
    """torch's neighbours: the edges stand for what lies outside, and its cubic kernel has a = -3/4.
    Source: `torch.nn.functional.interpolate`, aten/src/ATen/native/UpSample.h."""
    scale, taps = F(before) / F(size), []
    for i in range(size):
        position = scale * (F(i) + F(0.5)) - F(0.5)
        if method == "bilinear":
            position = max(position, F(0))
        low = int(np.floor(position))
        far = position - F(low)
        span = [low, low + 1] if method == "bilinear" else range(low - 1, low + 3)
        weights = [F(1) - far, far] if method == "bilinear" else [_keys(F(d), -0.75) for d in (far + 1, far, 1 - far, 2 - far)]
        taps.append(([min(max(j, 0), before - 1) for j in span], [float(w) for w in weights]))
    return taps


def _spans(before: int, size: int, method: str, antialias: bool) -> list[Taps]:
    """A kernel around every new entry, as wide as the new entries are apart where that is asked for (antialias)."""
    radius, kernel = KERNELS[method]
    inverse = F(1) / (F(size) / F(before))
    wide = max(inverse, F(1)) if antialias else F(1)
    length, taps = min(2 * int(np.ceil(F(radius) * wide)) + 1, before), []
    for i in range(size):
        position = (F(i) + F(0.5)) * inverse
        begin = int(np.ceil(position - F(radius) * wide - F(0.5)))
        end = int(np.floor(position + F(radius) * wide - F(0.5)))
        begin, end = (min(max(b, 0), before - 1) for b in (begin, end))
        span = np.arange(begin, min(begin + length, before))
        found = kernel(np.abs((span.astype(F) + F(0.5) - position) * (F(1) / wide))).astype(F) * (span <= end)
        taps.append((span.tolist(), list(_normalized(found))))
    return taps


def _normalized(weights: np.ndarray) -> np.ndarray:
    """With a sum of 1, in the order and with the roundings of TensorFlow."""
    total = F(0)
    for weight in weights.astype(F):
        total = F(total + weight)
    return np.asarray(weights.astype(F) * (F(1) / total))


def _keys(x: Any, a: float = -0.5) -> Any:
    """Keys' cubic kernel."""
    close, distant = (((a + 2) * x - (a + 3)) * x) * x + 1, ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return np.where(x < 1, close, np.where(x < 2, distant, 0.0))


def _lanczos(x: np.ndarray, radius: float) -> np.ndarray:
    """sinc(x) * sinc(x / radius) within the radius, in float32: what is not quite 0 there has a sign."""
    near = np.maximum(x.astype(F), F(1e-3))
    turn, pi = F(np.pi) * near, F(np.pi)
    wave = F(radius) * sine(turn) * sine(turn / F(radius)) / (pi * pi * near * near)
    return np.where(x > radius, F(0), np.where(x <= F(1e-3), F(1), wave))

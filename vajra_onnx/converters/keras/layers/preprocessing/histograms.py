"""keras.layers.preprocessing.image_preprocessing: ContrastLimitedAdaptiveHistogramEqualization, which works at inference, too.
Source: `keras.src.layers.preprocessing.image_preprocessing.clahe`.

An image is cut into tiles. The numbers of each tile are counted in 256 bins, those of full bins beyond a limit spread over all of
them; their running sum is a table from old numbers to new ones. A pixel is looked up in the tables of the four tiles around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from spox import Var

from .....errors import UnsupportedError
from .....graph import ops
from .....graph.values import cast, constant, constant_like, dtype_of
from ...backend import answers_as
from ...emit import emits
from ...layer import Layer
from ...refusal import UndecidedError
from ...tensor import Tensor, shape_of
from ...values import channels_axis, floats, ints
from .contrast import FULL, in_range

F = np.float32
BINS = 256
NAME = "ContrastLimitedAdaptiveHistogramEqualization"


@emits(NAME)
def equalized(layer: Layer, data: Tensor) -> Tensor:
    """Images [N, H, W, C] in their own dtype, integers cut off; every channel by itself."""
    layer.ignore("bounding_box_format")
    first = channels_axis(layer, data) == 1
    height, width, channels = _sizes(data, first)
    grid = layer.get("tile_grid_size", [8, 8])
    tile = [-(-height // grid[0]), -(-width // grid[1])]
    share = _share(layer.get("clip_limit", 4.0), tile[0] * tile[1])
    limits = [float(v) for v in layer.get("value_range", FULL)]
    _refuse(data, share, tile[0] * tile[1], limits)
    kept = floats(layer, data).var if data.dtype.kind == "f" else data.var
    images = ops.transpose(kept, perm=[0, 2, 3, 1]) if first else kept
    if tuple(limits) != FULL:
        images = in_range(cast(images, F), limits, FULL)
    tables = _tables(_counts(_tiles(images, grid, tile, channels)), share, tile[0] * tile[1])
    tables = ops.reshape(tables, ints([-1, grid[0] * grid[1] * channels * BINS]))
    result = in_range(_looked_up(images, tables, (height, width, channels), grid, tile), FULL, limits)
    result = cast(result, dtype_of(kept))
    return Tensor.of(ops.transpose(result, perm=[0, 3, 1, 2]) if first else result)


def _share(limit: float, area: int) -> np.float32 | None:
    """How many numbers a bin may hold; None for any number. torch counts in integers, and cuts this off to one."""
    share = F(limit * area / BINS) if limit > 0 else None
    return np.trunc(share) if share is not None and answers_as("torch") else share


def _refuse(data: Tensor, share: np.float32 | None, area: int, limits: Sequence[float]) -> None:
    """Raises UndecidedError where a last bit makes a number another whole number: JAX divides with an error of one, and sums of
    fractions depend on their order unless a float32 holds them all."""
    jax, whole = answers_as("jax"), data.dtype.kind != "f"
    if jax and np.frexp(limits[1] - limits[0])[0] != 0.5 and tuple(limits) != FULL:
        raise UndecidedError(f"{NAME}(value_range=...) on JAX", expected="0 to 255, or a width of a power of 2", got=f"{limits}")
    if jax and whole:
        raise UndecidedError(f"{NAME} of whole numbers on JAX, whose build decides the last bit", hint="cast them to floats")
    if whole and share is not None and area * BINS * Fraction(float(share)).denominator > 2**24:
        expected = f"{area} / 256 of it to be a short binary fraction"
        hint = "cast the images to floats"
        raise UndecidedError(f"{NAME}(clip_limit=...) of whole numbers", expected=expected, got=f"{share:g}", hint=hint)


def _sizes(data: Tensor, first: bool) -> list[int]:
    """Height, width, channels."""
    if data.rank != 4:
        raise UndecidedError(NAME, expected="images [N, H, W, C]", got=f"{data.rank} axes")
    sizes = data.shape[2:] + data.shape[1:2] if first else data.shape[1:]
    if None in sizes:
        raise UnsupportedError(f"{NAME} of images whose size is not fixed", hint="fix height, width and channels")
    return [int(n or 0) for n in sizes]


def _tiles(images: Var, grid: list[int], tile: list[int], channels: int) -> Var:
    """The bins of the images' numbers, [N * tiles * channels, area], int64. What the grid lacks at an edge is mirrored there;
    torch repeats the edge."""
    for axis, size in enumerate(shape_of(images)[1:3]):
        lacking = tile[axis] * grid[axis] - int(size or 0)
        if lacking:
            places = np.pad(np.arange(int(size or 0)), (0, lacking), mode="edge" if answers_as("torch") else "symmetric")
            images = ops.gather(images, constant(places, np.int64), axis=axis + 1)
    parts = ops.reshape(_counted(images), ints([-1, grid[0], tile[0], grid[1], tile[1], channels]))
    return ops.reshape(ops.transpose(parts, perm=[0, 1, 3, 5, 2, 4]), ints([-1, tile[0] * tile[1]]))


def _counted(images: Var) -> Var:
    """The bin in which a number counts, int64. What no int32 can be counts in bin 0, except that JAX keeps to the range."""
    kind = dtype_of(images)
    if kind.kind != "f":
        return _pixels(images)
    most = np.inf if answers_as("jax") else np.nextafter(kind.type(2**31), kind.type(0))
    known = ops.less_or_equal(images, constant(most, kind))
    return cast(ops.where(known, _within(images), constant(0, kind)), np.int64)


def _pixels(images: Var) -> Var:
    """The bin in which a number is looked up, int64."""
    return cast(_within(images if dtype_of(images).kind == "f" else cast(images, np.int64)), np.int64)


def _within(x: Var) -> Var:
    return ops.clip(x, constant_like(x, 0), constant_like(x, BINS - 1))


def _counts(bins: Var) -> Var:
    """How often every bin comes in every tile, [M, 256] float32 of [M, area]."""
    room = ops.expand(constant(0, F), ops.concat([ops.shape(bins, end=1), ints(BINS)], axis=0))
    ones = ops.expand(constant(1, F), ops.shape(bins))
    return ops.reshape(ops.scatter_elements(room, bins, ones, axis=1, reduction="add"), ints([-1, BINS]))


def _tables(counts: Var, share: np.float32 | None, area: int) -> Var:
    """What every bin of every tile becomes, 0 to 255, [M, 256]. What a bin may not hold is spread over all of them."""
    if share is not None:
        clipped = ops.clip(counts, constant(0, F), constant(share))
        excess = ops.reduce_sum(ops.sub(counts, clipped), ints(1))
        counts = ops.add(clipped, ops.div(excess, constant(BINS, F)))
    total = ops.cumsum(counts, constant(1, np.int64))
    least = ops.reduce_min(total, ints(1))
    rest = ops.sub(constant(area, F), least)
    rest = ops.where(ops.equal(rest, constant(0, F)), constant(1, F), rest)
    return _within(ops.div(ops.mul(ops.sub(total, least), constant(255, F)), rest))


def _looked_up(images: Var, tables: Var, shape: tuple[int, int, int], grid: list[int], tile: list[int]) -> Var:
    """Every pixel between its four tables, the nearer the more. tables: [N, tiles * channels * 256]. float32."""
    height, width, channels = shape
    own = ops.add(_pixels(images), constant(np.arange(channels) * BINS, np.int64))

    def value(row: np.ndarray, column: np.ndarray) -> Var:
        offset = (row[:, None, None] * grid[1] + column[None, :, None]) * channels * BINS
        place = ops.reshape(ops.add(own, constant(offset, np.int64)), ints([-1, height * width * channels]))
        return ops.reshape(ops.gather_elements(tables, place, axis=1), ints([-1, height, width, channels]))

    def between(one: Var, other: Var, weight: np.ndarray) -> Var:
        return ops.add(ops.mul(one, constant(F(1) - weight)), ops.mul(other, constant(weight)))

    (above, below, down), (left, right, across) = _around(height, grid[0], tile[0]), _around(width, grid[1], tile[1])
    upper, lower = (between(value(row, left), value(row, right), across[None, :, None]) for row in (above, below))
    return between(upper, lower, down[:, None, None])


def _around(size: int, count: int, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For every pixel of an axis the tile before its middle and the one after, and how much the second counts. Beyond the first
    and the last tile there are these themselves."""
    place = (np.arange(size, dtype=F) - F(length / 2.0)) / F(length) + F(1)
    before = np.floor(place)
    first, second = (np.clip(tile - 1, 0, count - 1).astype(np.int64) for tile in (before, before + 1))
    return first, second, place - before

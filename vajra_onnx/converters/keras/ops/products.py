"""Products of matrices, and sums of products. Source: `keras.src.ops.numpy`, `keras.src.ops.linalg`."""

from __future__ import annotations

from string import ascii_lowercase
from typing import Any

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import constant
from ..emit import operation
from ..layer import Layer
from ..tensor import Tensor, shape_of
from ..values import promoted
from .accurate import floating


@operation("numpy", "Matmul")
def matmul(layer: Layer, x1: Any, x2: Any) -> Tensor:
    """The matrix product of the last two axes."""
    a, b = promoted(x1, x2)
    return Tensor.of(ops.matmul(a, b))


@operation("numpy", "Dot")
def dot(layer: Layer, x1: Any, x2: Any) -> Tensor:
    """The last axis of the one with the last but one of the other, or with its only one."""
    a, b = promoted(x1, x2)
    rank = len(shape_of(b))
    if rank == 0 or not shape_of(a):
        return Tensor.of(ops.mul(a, b))
    return Tensor.of(ops.matmul(a, b)) if rank <= 2 else _contracted(layer, x1, x2, [[-1], [-2]])


@operation("numpy", "Inner")
def inner(layer: Layer, x1: Any, x2: Any) -> Tensor:
    """The last axis of the one with the last of the other."""
    return _contracted(layer, x1, x2, [[-1], [-1]])


@operation("numpy", "Tensordot")
def tensordot(layer: Layer, x1: Any, x2: Any) -> Tensor:
    """Some axes of the one with some of the other."""
    axes = layer.get("axes", 2)
    if isinstance(axes, int):
        axes = [list(range(-axes, 0)), list(range(axes))]
    return _contracted(layer, x1, x2, [np.atleast_1d(a).tolist() for a in axes])


@operation("numpy", "Einsum")
def einsum(layer: Layer, *operands: Any) -> Tensor:
    """A sum of products, as an equation says."""
    return Tensor.of(ops.einsum(promoted(*operands), equation=layer.get("subscripts").replace(" ", "")))


@operation("numpy", "Cross")
def cross(layer: Layer, x1: Any, x2: Any) -> Tensor:
    """The cross product of vectors of three along the last axis."""
    for key in ("axisa", "axisb", "axisc"):
        layer.only(key, -1)
    layer.only("axis", None, -1)
    a, b = promoted(x1, x2)
    if {shape_of(v)[-1] for v in (a, b)} != {3}:
        raise UnsupportedError("cross", expected="vectors of three", got=f"{[shape_of(v)[-1] for v in (a, b)]}")

    def at(var: Var, *places: int) -> Var:
        return ops.gather(var, constant(places, np.int64), axis=len(shape_of(var)) - 1)

    return Tensor.of(ops.sub(ops.mul(at(a, 1, 2, 0), at(b, 2, 0, 1)), ops.mul(at(a, 2, 0, 1), at(b, 1, 2, 0))))


@operation("linalg", "Det")
def determinant(layer: Layer, x: Tensor) -> Tensor:
    """Of the matrices of the last two axes."""
    return Tensor.of(ops.det(floating(x.var)))


def _contracted(layer: Layer, x1: Any, x2: Any, axes: list[list[int]]) -> Tensor:
    """Pairs of axes summed over; the result has the others, those of x1 first."""
    if isinstance(x1, Tensor) and isinstance(x2, Tensor):
        raise UnsupportedError(f"{layer.class_name} of two tensors", hint="use keras.ops.matmul or keras.ops.einsum")
    a, b = promoted(x1, x2)
    first, second = (len(shape_of(v)) for v in (a, b))
    names = list(ascii_lowercase[: first + second])
    for i, j in zip(*axes, strict=True):
        names[first + j % second] = names[i % first]
    left, right = names[:first], names[first:]
    kept = [n for n in left if n not in right] + [n for n in right if n not in left]
    return Tensor.of(ops.einsum([a, b], equation=f"{''.join(left)},{''.join(right)}->{''.join(kept)}"))

"""sklearn.gaussian_process.kernels: the covariance of every row with every fitted row, and of every row with itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.gaussian_process import kernels
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant, constant_like, dtype_of
from ..metrics.kernels import pairwise_kernels, plus, times
from ..metrics.pairwise import reduced_distances

SMOOTHNESS = (0.5, 1.5, 2.5, np.inf)


def covariance(kernel: Any, block: Block, points: np.ndarray) -> Var:
    """kernel(X, points): [N, S], or a constant where the rows do not matter. Source: Kernel.__call__."""
    if type(kernel) in OPERATORS:
        operator = OPERATORS[type(kernel)]
        return _combined(operator, covariance(kernel.k1, block, points), covariance(kernel.k2, block, points))
    if type(kernel) is kernels.Exponentiation:
        return _power(covariance(kernel.kernel, block, points), kernel.exponent)
    if type(kernel) is kernels.ConstantKernel:
        return _number(kernel.constant_value)
    if type(kernel) is kernels.WhiteKernel:
        return _number(0.0)
    if type(kernel) not in COVARIANCES:
        raise UnsupportedError("kernel", expected="one of sklearn.gaussian_process.kernels", got=type(kernel).__name__)
    return COVARIANCES[type(kernel)](kernel, block, points)


def variance(kernel: Any, block: Block, points: np.ndarray) -> Var:
    """kernel.diag(X): [N], or a constant where the rows do not matter. Source: Kernel.diag."""
    if type(kernel) in OPERATORS:
        operator = OPERATORS[type(kernel)]
        return _combined(operator, variance(kernel.k1, block, points), variance(kernel.k2, block, points))
    if type(kernel) is kernels.Exponentiation:
        return _power(variance(kernel.kernel, block, points), kernel.exponent)
    if type(kernel) is kernels.ConstantKernel:
        return _number(kernel.constant_value)
    if type(kernel) is kernels.WhiteKernel:
        return _number(kernel.noise_level)
    if type(kernel) is kernels.PairwiseKernel:
        return _pairwise_variance(kernel, block)
    if type(kernel) is kernels.DotProduct:
        x = _wide_enough(block, block.dtype)
        return _shifted(ops.reduce_sum_square(x, constant(np.array([1])), keepdims=0), kernel.sigma_0)
    return _number(1.0)


def _rbf(kernel: kernels.RBF, block: Block, points: np.ndarray) -> Var:
    squares = _scaled_squares(kernel, block, points)
    return ops.exp(ops.mul(constant_like(squares, -0.5), squares))


def _matern(kernel: kernels.Matern, block: Block, points: np.ndarray) -> Var:
    if kernel.nu not in SMOOTHNESS:
        raise UnsupportedError("Matern(nu)", expected="0.5 | 1.5 | 2.5 | inf: others need Bessel functions", got=str(kernel.nu))
    distance = ops.sqrt(_scaled_squares(kernel, block, points))
    if kernel.nu == np.inf:
        return ops.exp(ops.div(ops.neg(ops.mul(distance, distance)), constant_like(distance, 2.0)))
    if kernel.nu == 0.5:
        return ops.exp(ops.neg(distance))
    one = constant_like(distance, 1.0)
    k = ops.mul(distance, constant_like(distance, np.sqrt(2.0 * kernel.nu)))
    polynomial = ops.add(one, k)
    if kernel.nu == 2.5:
        polynomial = ops.add(polynomial, ops.div(ops.mul(k, k), constant_like(k, 3.0)))
    return ops.mul(polynomial, ops.exp(ops.neg(k)))


def _rational_quadratic(kernel: kernels.RationalQuadratic, block: Block, points: np.ndarray) -> Var:
    squares = reduced_distances(block.matrix(np.float64), points, "euclidean")
    ratio = ops.div(squares, constant_like(squares, 2 * kernel.alpha * kernel.length_scale**2))
    return ops.pow(ops.add(constant_like(squares, 1.0), ratio), constant_like(squares, -kernel.alpha))


def _exp_sine_squared(kernel: kernels.ExpSineSquared, block: Block, points: np.ndarray) -> Var:
    distance = ops.sqrt(reduced_distances(block.matrix(np.float64), points, "euclidean"))
    sine = ops.sin(ops.mul(constant_like(distance, np.pi / kernel.periodicity), distance))
    ratio = ops.div(sine, constant_like(distance, kernel.length_scale))
    return ops.exp(ops.mul(constant_like(distance, -2.0), ops.mul(ratio, ratio)))


def _dot_product(kernel: kernels.DotProduct, block: Block, points: np.ndarray) -> Var:
    x = _wide_enough(block, np.result_type(block.dtype, points.dtype))
    return _shifted(ops.matmul(x, constant_like(x, points.T)), kernel.sigma_0)


def _pairwise(kernel: kernels.PairwiseKernel, block: Block, points: np.ndarray) -> Var:
    return pairwise_kernels(block, points, kernel.metric, kernel.gamma, **(kernel.pairwise_kernels_kwargs or {}))


def _pairwise_variance(kernel: kernels.PairwiseKernel, block: Block) -> Var:
    """k(x, x): of the kernels that depend on differences it is k(0)."""
    if kernel.metric in ("rbf", "laplacian", "chi2"):
        return _number(1.0)
    if kernel.metric not in ("linear", "poly", "polynomial", "sigmoid"):
        raise UnsupportedError("variance of PairwiseKernel", got=f"metric={kernel.metric!r}")
    x = block.floats()
    products = ops.reduce_sum_square(x, constant(np.array([1])), keepdims=0)
    if kernel.metric == "linear":
        return products
    parameters = kernel.pairwise_kernels_kwargs or {}
    base = plus(times(products, kernel.gamma), parameters.get("coef0", 1))
    return ops.tanh(base) if kernel.metric == "sigmoid" else _power(base, parameters.get("degree", 3))


def _scaled_squares(kernel: Any, block: Block, points: np.ndarray) -> Var:
    """|x / length_scale - y / length_scale|^2, in float64 whatever the data is. length_scale: a number or one per feature."""
    scale = np.squeeze(kernel.length_scale).astype(float)
    x = block.matrix(np.float64)
    return reduced_distances(ops.div(x, constant_like(x, scale)), points / scale, "euclidean")


def _wide_enough(block: Block, dtype: np.dtype[Any]) -> Var:
    """Rows to multiply: float32 stays; products of narrow integers overflow in the original."""
    if dtype.kind != "f" and block.dtype.itemsize < 4:
        raise UnsupportedError(f"DotProduct on {block.dtype}", hint="give float64, float32 or int64 columns")
    return block.matrix(dtype if dtype.kind == "f" else np.float64)


def _shifted(products: Var, sigma: Any) -> Var:
    """products + sigma ** 2, in the wider type."""
    wide = cast(products, working(np.result_type(dtype_of(products), sigma**2)))
    return ops.add(wide, constant_like(wide, sigma**2))


def _number(value: Any) -> Var:
    return constant(np.asarray(value), working(np.result_type(np.float64, np.asarray(value).dtype)))


def _power(base: Var, exponent: Any) -> Var:
    return ops.pow(base, constant_like(base, exponent))


def _combined(operator: Callable[[Var, Var], Var], a: Var, b: Var) -> Var:
    common = working(np.result_type(dtype_of(a), dtype_of(b)))
    return operator(cast(a, common), cast(b, common))


def at_least(x: Var, shape: Var) -> Var:
    """A constant covariance as an array of this shape; any other stays as it is."""
    return ops.expand(x, shape) if not x.unwrap_tensor().shape else x


OPERATORS: dict[type, Callable[[Var, Var], Var]] = {
    kernels.Sum: lambda a, b: ops.add(a, b),
    kernels.Product: lambda a, b: ops.mul(a, b),
}
COVARIANCES: dict[type, Callable[[Any, Block, np.ndarray], Var]] = {
    kernels.RBF: _rbf,
    kernels.Matern: _matern,
    kernels.RationalQuadratic: _rational_quadratic,
    kernels.ExpSineSquared: _exp_sine_squared,
    kernels.DotProduct: _dot_product,
    kernels.PairwiseKernel: _pairwise,
}

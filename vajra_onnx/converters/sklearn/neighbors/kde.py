"""sklearn.neighbors._kde: the log of a density that kernels around the fitted points add up to.

The graph adds up the points. A tree with several nodes (from about twice `leaf_size` points) adds bounds on its nodes and
subtracts them again when it knows better; what is left of their rounding stays in the answer, and is all of it where few points
are near: among 700 normal points in five dimensions, a third of the rows without any neighbour within a tophat's bandwidth of 1
have a density above 0. These bits turn on the last digits of the C library's log and exp. Where they matter on the rows of a
proof, it fails, and a fit with a larger `leaf_size` is the cure; elsewhere the sum of the points is what both answer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.neighbors import KDTree, KernelDensity
from sklearn.neighbors._kd_tree import kernel_norm
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import constant, constant_like
from ...registry import Outputs, converts
from ..arrays import added
from ..metrics.distances import SYNONYMS, distances
from ..metrics.kernels import times
from ..metrics.pairwise import Parameters, by_row, reduced_distances, reduction
from ..special import logsumexp

METRICS = ("euclidean", "manhattan", "chebyshev", "minkowski")
# What pi / 2 has beyond its float64.
REST_OF_HALF_PI = 6.123233995736766e-17


@converts(KernelDensity)
def kernel_density(model: KernelDensity, block: Block) -> Outputs:
    """score_samples: [N], float64. Source: _kde_single_breadthfirst, without bounds but those of the root."""
    tree, (metric, parameters) = model.tree_, _metric(model)
    points = np.asarray(tree.get_arrays()[0])
    x = block.matrix(np.float64)
    far = distances(reduced_distances(x, points, metric, parameters), metric, parameters)
    density = _log_kernel(far, model)
    total = float(len(points))
    if tree.sample_weight is not None:
        total = tree.sum_weight
        with np.errstate(divide="ignore"):
            density = ops.add(density, constant_like(x, np.log(np.asarray(tree.sample_weight)).reshape(1, -1)))
    density = logsumexp(density)
    norm = kernel_norm(model.bandwidth_, block.width, model.kernel, return_log=True)
    if model.atol or model.rtol:
        density = _or_bounds(density, model, _bounds(tree, x, metric, parameters), norm, total)
    return {"score_samples": ops.reshape(added(added(density, norm), -np.log(total)), constant([-1]))}


def _metric(model: KernelDensity) -> tuple[str, Parameters]:
    """The metric's plain name and its parameters; a power of 1, 2 or infinity is the metric of that name."""
    metric, parameters = SYNONYMS.get(model.metric, model.metric), model.metric_params or {}
    p = float(parameters.get("p", 2.0))
    if metric == "minkowski" and parameters.get("w") is None:
        metric = {1.0: "manhattan", 2.0: "euclidean", np.inf: "chebyshev"}.get(p, metric)
    if metric not in METRICS or set(parameters) - {"p"}:
        got = f"{model.metric}, metric_params={model.metric_params}"
        raise UnsupportedError("metric", expected=" | ".join(METRICS) + " without weights", got=got)
    return metric, {"p": p}


def _log_kernel(distance: Var, model: KernelDensity) -> Var:
    """The log of the kernel, 0 at distance 0, -inf beyond the bandwidth of kernels that end there. Source: log_..._kernel."""
    h = model.bandwidth_
    one = constant_like(distance, 1.0)
    if model.kernel == "gaussian":
        return _over(times(ops.mul(distance, distance), -0.5), h * h)
    if model.kernel == "exponential":
        return _over(ops.neg(distance), h)
    kernels = {
        "tophat": lambda: one,
        "epanechnikov": lambda: ops.sub(one, _over(ops.mul(distance, distance), h * h)),
        "linear": lambda: ops.sub(one, _over(distance, h)),
        "cosine": lambda: _cos_up_to_right(_over(times(distance, 0.5 * np.pi), h)),
    }
    inside = ops.less(distance, constant_like(distance, h))
    return ops.log(ops.where(inside, kernels[model.kernel](), constant_like(distance, 0.0)))


def _cos_up_to_right(angle: Var) -> Var:
    """The cosine of angles from 0 to pi / 2, to the last digits near pi / 2 too: ONNX Runtime's Cos has none right there."""
    half, rest = constant_like(angle, np.pi / 2), constant_like(angle, REST_OF_HALF_PI)
    return ops.sin(ops.add(ops.sub(half, angle), rest))


def _over(x: Var, divisor: float) -> Var:
    return ops.div(x, constant_like(x, divisor))


def _bounds(tree: Any, x: Var, metric: str, parameters: Parameters) -> list[Var]:
    """The least and the largest distance from each row to the box or ball around all points: [N, 1] each."""
    _, _, nodes, bounds = (np.asarray(a) for a in tree.get_arrays())
    if isinstance(tree, KDTree):
        low, high = (constant(b.T, working(np.float64)) for b in bounds)
        reduce = reduction(metric, 1, parameters)

        def reduced(join: Any) -> Var:
            return by_row(x, 1, lambda row: reduce(join(ops.sub(low, row), ops.sub(row, high))))

        near = reduced(lambda a, b: ops.add(ops.relu(a), ops.relu(b)))
        far = reduced(lambda a, b: ops.max([ops.abs(a), ops.abs(b)]))
        return [distances(near, metric, parameters), distances(far, metric, parameters)]
    to_center = distances(reduced_distances(x, bounds[0], metric, parameters), metric, parameters)
    radius = constant(nodes["radius"].reshape(1, 1), working(np.float64))
    return [ops.relu(ops.sub(to_center, radius)), ops.add(to_center, radius)]


def _or_bounds(density: Var, model: KernelDensity, bounds: list[Var], norm: float, total: float) -> Var:
    """The middle of both bounds on the density where they are as close to each other as atol and rtol demand."""
    most, least = (added(_log_kernel(distance, model), np.log(total)) for distance in bounds)
    ratio = ops.exp(ops.sub(least, most))
    spread = ops.add(most, ops.log(ops.sub(constant_like(ratio, 1.0), ratio)))
    nothing = constant_like(spread, -np.inf)
    spread = ops.where(ops.less_or_equal(most, least), nothing, spread)
    with np.errstate(divide="ignore"):
        atol, rtol = np.log(model.atol * total), np.log(model.rtol)
    relative = added(least, rtol + norm)
    allowed = logsumexp(ops.concat([ops.expand(constant_like(relative, [[atol]]), ops.shape(relative)), relative], axis=1))
    middle = logsumexp(ops.concat([least, added(spread, -np.log(2.0))], axis=1))
    return ops.where(ops.less_or_equal(added(spread, norm), allowed), middle, density)

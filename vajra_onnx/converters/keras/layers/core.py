"""keras.layers.core. Source: `keras.src.layers.core`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.refuse import gather_or_refuse
from ....graph.values import cast, constant, constant_like, deferred
from ..activations import activated, is_linear
from ..backend import answers_as
from ..emit import emit, emits
from ..layer import Layer
from ..ops.accurate import flushed
from ..tensor import Tensor
from ..values import floats, ints

# LoRA's matrices: the file has the weights with them, and not themselves.
MERGED = ("lora_rank", "lora_alpha")


@emits("Dense", masking=True)
def dense(layer: Layer, x: Tensor) -> Tensor:
    """x @ kernel + bias over the last axis."""
    layer.ignore("units", *MERGED)

    def product(weights: Affine) -> Tensor:
        def make() -> Var:
            var = floats(layer, x).var
            var = ops.matmul(var, deferred(weights.shape, layer.dtype, weights.kernel))
            return var if weights.bias is None else ops.add(var, constant_like(var, weights.bias()))

        return Tensor(make, rescaled=lambda *by: product(weights.rescaled(*by)), axes=x.rank)

    result = product(affine(layer))
    return result if is_linear(layer) else activated(layer, result)


@dataclass(frozen=True)
class Affine:
    """The weights of a product, read when they are written, so that not all are in memory at once. shape: of the kernel,
    [..., outputs]. kernel, bias: each of them, anew for every call."""

    shape: tuple[int, ...]
    kernel: Callable[[], np.ndarray]
    bias: Callable[[], np.ndarray] | None

    def rescaled(self, scale: np.ndarray, shift: np.ndarray) -> Affine:
        """The weights of the same product, its outputs times `scale` and plus `shift`."""

        def kernel() -> np.ndarray:
            read = self.kernel()
            np.multiply(read, scale, out=read, casting="same_kind")  # in float64, rounded once, without a copy in float64
            return read

        def bias() -> np.ndarray:
            return shift if self.bias is None else self.bias() * scale + shift

        return Affine(self.shape, kernel, bias)


def affine(layer: Layer, first: int = 0) -> Affine:
    """A layer's kernel, its variable of this place, and the bias behind it, if it has one."""
    kernel, bias = f"vars/{first}", f"vars/{first + 1}"
    biased = layer.get("use_bias", True)
    shapes = [layer.shape(path) for path in ([kernel, bias] if biased else [kernel])]
    return Affine(shapes[0], lambda: layer.weight(kernel), (lambda: layer.weight(bias)) if biased else None)


@emits("EinsumDense")
def einsum_dense(layer: Layer, x: Tensor) -> Tensor:
    """einsum(equation, x, kernel) + bias."""
    layer.ignore("output_shape", "gptq_unpacked_column_size", *MERGED)
    equation = layer.get("equation")
    weights = layer.weights(1 if layer.get("bias_axes") is None else 2)
    var = floats(layer, x).var
    var = ops.einsum([var, constant_like(var, weights[0])], equation=equation)
    if len(weights) == 2:
        var = ops.add(var, constant_like(var, weights[1]))
    return activated(layer, Tensor.of(var))


@emits("Embedding")
def embedding(layer: Layer, x: Tensor) -> Tensor:
    """The row of a table for each index, negative ones counted from its end; an index beyond the table is refused, as by
    TensorFlow."""
    layer.ignore("input_dim", "output_dim", "input_length", *MERGED)
    (table,) = layer.weights(1)
    index = x.var if x.dtype in (np.int32, np.int64) else cast(x.var, np.int32)
    message = f"index beyond the {len(table)} rows of {layer.name}"
    var = gather_or_refuse(table.astype(layer.dtype), cast(index, np.int64), message)
    mask = ops.not_(ops.equal(index, constant_like(index, 0))) if layer.get("mask_zero", False) else None
    return Tensor.of(var, mask=mask)


@emits("ReversibleEmbedding", converts=False)
def reversible_embedding(layer: Layer, x: Tensor, reverse: bool = False) -> Tensor:
    """The rows of a table, or the products with all of them; products may be squeezed into a range by tanh."""
    layer.only("reverse_dtype", None, "float32", "float64")
    layer.ignore("logit_soft_cap", "mask_zero", "input_dim", "output_dim", "input_length", *MERGED)
    tied = layer.get("tie_weights", True)
    table, *own = layer.weights(1 if tied else 2)
    if not reverse:
        return embedding(layer, x)
    kernel = table.T if tied else own[0]
    wide = x.dtype == np.float64 and answers_as("tensorflow")  # which casts the kernel in place of the numbers
    dtype = layer.get("reverse_dtype") or (x.dtype if wide else layer.dtype)
    var = ops.matmul(cast(x.var, dtype), constant(kernel, dtype))
    cap = layer.get("logit_soft_cap")
    if cap is not None:
        limit = constant_like(var, cap)
        var = ops.mul(ops.tanh(ops.div(var, limit)), limit)
    return Tensor.of(var)


@emits("Masking")
def masking(layer: Layer, x: Tensor) -> Tensor:
    """Time steps of which every feature is the mask value become 0, and are masked."""
    var, value = cast(x.var, np.int32) if x.dtype == np.bool_ else x.var, layer.get("mask_value", 0.0)
    compared = floats(layer, x).var
    compared = flushed(compared) if value == 0 else compared
    differs = ops.not_(ops.equal(compared, constant_like(compared, value)))
    counted = ops.reduce_max(cast(differs, np.int32), ints(-1), keepdims=1)
    kept = cast(counted, np.bool_)
    return Tensor.of(ops.where(kept, var, constant_like(var, 0)), mask=ops.squeeze(kept, ints(-1)))


@emits("Identity", masking=True)
def identity(layer: Layer, x: Tensor) -> Tensor:
    """Nothing."""
    return x


@emits("Pipeline", converts=False)
def pipeline(layer: Layer, x: Tensor) -> list[Tensor]:
    """Preprocessing layers one behind another."""
    results = [x]
    for each in layer.layers():
        results = emit(each, results, {})
    return results


@emits("Lambda")
def lambda_layer(layer: Layer, *args: object, **kwargs: object) -> Tensor:
    """Refused: a marshalled function is code, and is never run."""
    raise UnsupportedError("Lambda holds a marshalled Python function", hint="use layers and keras.ops in its place")


@emits("JaxLayer", "FlaxLayer", "TorchModuleWrapper", "TFSMLayer")
def foreign(layer: Layer, *args: object, **kwargs: object) -> Tensor:
    """Refused: what these compute is not in the file."""
    raise UnsupportedError(f"{layer.class_name} wraps code of another framework", hint="use layers and keras.ops in its place")

"""What stands for a layer that computes with TensorFlow itself: see `converters.keras.foreign`."""

from __future__ import annotations

from ....graph.values import cast
from ..emit import emits
from ..layer import Layer
from ..tensor import Tensor


@emits("Carried", autocast=False)
def carried(layer: Layer, x: Tensor, values: Tensor) -> Tensor:
    """The tensor with a mask."""
    layer.ignore("autocast")
    return x.masked(values.var)


@emits("Foreign", autocast=False)
def foreign(layer: Layer, inputs: list[Tensor]) -> list[Tensor]:
    """The results of the call, as tf2onnx converts it."""
    from ..foreign import find

    call = find(layer.get("number"))
    traced = call.traced()
    given = [x.var if c.dtype == "string" else cast(x.var, c.dtype) for x, c in zip(inputs, traced.columns, strict=True)]
    return [Tensor.of(var) for var in traced.emit(given, call.why)]

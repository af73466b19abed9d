"""keras.layers.rnn: ConvLSTM1D, ConvLSTM2D, ConvLSTM3D. Source: `keras.src.layers.rnn.conv_lstm`.

The inputs of all steps are convolved at once; a Loop carries the states from step to step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.loops import walk
from ....graph.values import constant_like
from ..activations import activation
from ..emit import emits
from ..layer import Layer
from ..refusal import stateless
from ..tensor import Tensor, moved, shape_of
from ..values import floats, ints
from .convolutional import conv_window, convolved, spread
from .rnn import reversed_in_time


@emits("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
def conv_lstm(layer: Layer, x: Tensor, initial_state: Sequence[Tensor] | None = None) -> list[Tensor]:
    """The last output or all of them, and the last states where they are asked for. x: [N, T, *space, C]."""
    layer.ignore("filters", "kernel_size", "unit_forget_bias", "dropout", "recurrent_dropout", "unroll", "zero_output_for_mask")
    stateless(layer)
    layer.only("data_format", "channels_last", "channels_first")
    if x.mask is not None:
        raise UnsupportedError(f"{layer.class_name} of a masked tensor")
    last = layer.get("data_format", "channels_last") == "channels_last"
    var = floats(layer, x).var
    if layer.get("go_backwards", False):
        var = reversed_in_time(var)
    gates = _input_gates(layer, moved(var, -1, 2) if last else var)
    first = None if initial_state is None else [moved(s.var, -1, 1) if last else s.var for s in initial_state]
    hidden, carry, outputs = _scanned(layer, gates, first)
    result = Tensor.of(hidden, first=last)
    if layer.get("return_sequences", False):
        steps = ops.transpose(outputs, perm=[1, 0, *range(2, x.rank)])
        result = Tensor.of(moved(steps, 2, -1) if last else steps)
    return [result, *(Tensor.of(s, first=last) for s in (hidden, carry))] if layer.get("return_state", False) else [result]


def _input_gates(layer: Layer, x: Var) -> Var:
    """What every step adds to the gates: [N, T, C, *space] as [T, N, 4 * filters, *space]."""
    kernel = layer.weight("cell/vars/0")
    bias = layer.weight("cell/vars/2") if layer.get("use_bias", True) else None
    rows = ops.reshape(x, _sizes([-1], x, 2))
    rows = convolved(rows, kernel, bias, **conv_window(layer, kernel.shape))
    steps = ops.reshape(rows, ops.concat([ops.shape(x, end=1), _sizes([shape_of(x)[1] or -1], rows, 1)], axis=0))
    return ops.transpose(steps, perm=[1, 0, *range(2, kernel.ndim + 1)])


def _sizes(before: list[int], x: Var, start: int) -> Var:
    """Sizes for Reshape: some, then those of `x` from an axis on, as constants where they are known."""
    known = [n for n in shape_of(x)[start:] if n is not None]
    whole = len(known) == len(shape_of(x)) - start
    return ints([*before, *known]) if whole else ops.concat([ints(before), ops.shape(x, start=start)], axis=0)


def _scanned(layer: Layer, gates: Var, first: Sequence[Var] | None) -> tuple[Var, Var, Var]:
    """The last states [N, filters, *space], and the outputs of all steps [T, N, filters, *space]."""
    inner = layer.weight("cell/vars/1")
    squashed, activated = (activation(layer.get(k, d)) for k, d in (("recurrent_activation", "sigmoid"), ("activation", "tanh")))
    same = {"strides": spread(1, inner.ndim - 2), "pads": _ends(inner)}

    def step(added: Var, states: list[Var]) -> list[Var]:
        hidden, carry = states
        entered, kept, new, shown = ops.split(ops.add(added, convolved(hidden, inner, None, **same)), num_outputs=4, axis=1)
        carry = ops.add(ops.mul(_of(squashed, kept), carry), ops.mul(_of(squashed, entered), _of(activated, new)))
        return [ops.mul(_of(squashed, shown), _of(activated, carry)), carry]

    filters = inner.shape[-1] // 4
    shape = [-1, filters, *(n or 0 for n in shape_of(gates)[3:])]
    zeros = _zeros(gates, filters)
    (hidden, carry), outputs = walk(gates, first or [zeros, zeros], [shape, shape], step)
    return hidden, carry, outputs


def _of(function: Callable[[Tensor], Tensor], var: Var) -> Var:
    return function(Tensor.of(var, first=True)).stored


def _zeros(gates: Var, filters: int) -> Var:
    """The states before the first step."""
    shape = ops.concat([ops.shape(gates, start=1, end=2), ints(filters), ops.shape(gates, start=3)], axis=0)
    return ops.expand(constant_like(gates, 0), shape)


def _ends(kernel: np.ndarray) -> list[int]:
    """Padding that keeps the size, the end more."""
    more = [k - 1 for k in kernel.shape[:-2]]
    return [n // 2 for n in more] + [n - n // 2 for n in more]

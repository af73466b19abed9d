"""Recurrent layers step by step, in a Loop: for activations that the operators of ONNX do not know.
Source: `keras.src.layers.rnn.lstm`, `gru`, `simple_rnn`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from spox import Var

from ....graph import ops
from ....graph.loops import walk
from ....graph.values import cast, constant_like, dtype_of
from ..activations import activation
from ..layer import Layer
from ..tensor import Tensor
from ..values import ints

Step = Callable[[Var, list[Var]], list[Var]]


def stepped(layer: Layer, x: Var, length: Var | None, states: Sequence[Var]) -> list[Var]:
    """x: [T, N, F]. length: [N] int32, how many steps of each row count. The outputs [T, N, H], then the last states [N, H]."""
    weights = [layer.weight(f"cell/vars/{i}") for i in range(3 if layer.get("use_bias", True) else 2)]
    bias = np.zeros((1, 1), weights[0].dtype) if len(weights) < 3 else np.atleast_2d(weights[2])
    hidden, count = weights[1].shape[0], 2 if layer.class_name == "LSTM" else 1
    gates = ops.add(ops.matmul(x, constant_like(x, weights[0])), constant_like(x, bias[0]))
    body = STEPS[layer.class_name](layer, weights[1], bias[1] if len(bias) > 1 else None)
    rows = ops.concat([ops.shape(x, start=1, end=2), ints(hidden)], axis=0)
    first = list(states) or [ops.expand(constant_like(x, 0), rows)] * count
    shapes = [[-1, hidden]] * count
    if length is None:
        last, outputs = walk(gates, first, shapes, body)
        return [outputs, *last]

    def counted(step: Var, before: list[Var]) -> list[Var]:
        added, alive = ops.split(step, ints([gates_width, 1]), axis=1)
        kept = cast(alive, np.bool_)
        return [ops.where(kept, new, old) for new, old in zip(body(added, before), before, strict=True)]

    gates_width = weights[0].shape[1]
    last, outputs = walk(ops.concat([gates, _alive(gates, length)], axis=2), first, shapes, counted)
    return [outputs, *last]


def _alive(gates: Var, length: Var) -> Var:
    """1 for the steps that count, 0 behind them, [T, N, 1]."""
    size = ops.squeeze(ops.shape(gates, end=1), ints(0))
    place = ops.range(constant_like(size, 0), size, constant_like(size, 1))
    before = ops.less(ops.unsqueeze(place, ints(1)), ops.unsqueeze(cast(length, np.int64), ints(0)))
    return ops.unsqueeze(cast(before, dtype_of(gates)), ints(2))


def _function(layer: Layer, key: str, default: str) -> Callable[[Var], Var]:
    function = activation(layer.get(key, default))
    return lambda var: function(Tensor.of(var)).var


def _split(var: Var, count: int) -> list[Var]:
    return list(ops.split(var, num_outputs=count, axis=1))


def _lstm(layer: Layer, inner: np.ndarray, _: np.ndarray | None) -> Step:
    squashed, activated = _function(layer, "recurrent_activation", "sigmoid"), _function(layer, "activation", "tanh")

    def step(added: Var, states: list[Var]) -> list[Var]:
        hidden, carry = states
        entered, kept, new, shown = _split(ops.add(added, ops.matmul(hidden, constant_like(hidden, inner))), 4)
        carry = ops.add(ops.mul(squashed(kept), carry), ops.mul(squashed(entered), activated(new)))
        return [ops.mul(squashed(shown), activated(carry)), carry]

    return step


def _gru(layer: Layer, inner: np.ndarray, bias: np.ndarray | None) -> Step:
    squashed, activated = _function(layer, "recurrent_activation", "sigmoid"), _function(layer, "activation", "tanh")
    after, size = layer.get("reset_after", True), inner.shape[0]

    def product(hidden: Var, columns: slice) -> Var:
        result = ops.matmul(hidden, constant_like(hidden, inner[:, columns]))
        return result if bias is None else ops.add(result, constant_like(result, bias[columns]))

    def step(added: Var, states: list[Var]) -> list[Var]:
        (hidden,) = states
        updated, reset, new = _split(added, 3)
        kept = squashed(ops.add(updated, product(hidden, slice(0, size))))
        used = squashed(ops.add(reset, product(hidden, slice(size, 2 * size))))
        rest = slice(2 * size, 3 * size)
        past = ops.mul(used, product(hidden, rest)) if after else product(ops.mul(used, hidden), rest)
        fresh = activated(ops.add(new, past))
        return [ops.add(ops.mul(kept, hidden), ops.mul(ops.sub(constant_like(kept, 1), kept), fresh))]

    return step


def _simple(layer: Layer, inner: np.ndarray, _: np.ndarray | None) -> Step:
    activated = _function(layer, "activation", "tanh")
    return lambda added, states: [activated(ops.add(added, ops.matmul(states[0], constant_like(added, inner))))]


STEPS = {"LSTM": _lstm, "GRU": _gru, "SimpleRNN": _simple}

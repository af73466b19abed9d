"""keras.layers.rnn: LSTM, GRU and SimpleRNN as the operators of ONNX, Bidirectional and TimeDistributed around them.
Source: `keras.src.layers.rnn` and `keras.src.backend.tensorflow.rnn`.

A masked step leaves the state as it is, and repeats the output before it. ONNX has only a length per row: the steps that count
are moved to the front, in their order, the operator runs over them alone, and every step then takes the output of the last step
that counted up to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.values import cast, constant_like
from ..emit import emit, emits
from ..layer import Layer
from ..refusal import stateless
from ..tensor import Tensor
from ..values import floats, ints
from .steps import stepped

# Where ONNX has Keras' gates: input, forget, cell, output of LSTM; update, reset, hidden of GRU.
GATES = {"LSTM": [0, 3, 1, 2], "GRU": [0, 1, 2], "SimpleRNN": [0]}
# What TimeDistributed hands a step's part of the mask to.
ASKING = (
    "BatchNormalization", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "Functional", "GRU",
    "GlobalAveragePooling1D", "LSTM", "RNN", "Sequential", "SimpleRNN", "Softmax", "TimeDistributed",
)  # fmt: skip
ACTIVATIONS: dict[str | None, tuple[str, float | None, float | None]] = {
    "tanh": ("Tanh", None, None),
    "sigmoid": ("Sigmoid", None, None),
    "relu": ("Relu", None, None),
    "softsign": ("Softsign", None, None),
    "softplus": ("Softplus", None, None),
    "hard_sigmoid": ("HardSigmoid", 1 / 6, 0.5),
    "linear": ("Affine", 1.0, 0.0),
    "elu": ("Elu", 1.0, None),
    "leaky_relu": ("LeakyRelu", 0.2, None),
}


@emits("LSTM", "GRU", "SimpleRNN")
def recurrent(layer: Layer, x: Tensor, initial_state: Any = None, mask: Tensor | None = None) -> list[Tensor]:
    """The last output or all of them, and the last states where they are asked for. mask: beside an initial state, where Keras
    looks at no other one."""
    layer.ignore("units", "unit_forget_bias", "dropout", "recurrent_dropout", "unroll", "implementation", "time_major")
    stateless(layer)
    x, counted = floats(layer, x).masked(x.mask), counted_steps(x, initial_state, mask)
    backwards, whole = layer.get("go_backwards", False), layer.get("return_sequences", False)
    steps = ops.transpose(reversed_in_time(x.var) if backwards else x.var, perm=[1, 0, 2])
    kept = None if counted is None else (reversed_in_time(counted) if backwards else counted)
    states = [state.var for state in listed(initial_state)]
    if kept is None:
        outputs, *last = _run(layer, steps, None, states)
    else:
        length = ops.reduce_sum(cast(kept, np.int32), ints(1), keepdims=0)
        outputs, *last = _run(layer, _compacted(steps, kept), length, states)
    zeros = layer.get("zero_output_for_mask", False)
    if whole:
        batch = ops.transpose(outputs, perm=[1, 0, 2])
        result = Tensor.of(batch if kept is None else _spread(batch, kept, zeros), mask=x.mask)
    else:
        result = Tensor.of(last[0])
    return [result, *map(Tensor.of, last)] if layer.get("return_state", False) else [result]


def counted_steps(x: Tensor, initial_state: Any, mask: Tensor | None) -> Var | None:
    """The mask that the steps of a recurrent layer see: that of its input, but beside an initial state only one that it is called
    with. Source: `keras.src.layers.layer.Layer.__call__`, which hands a mask to a call of a single tensor alone."""
    if initial_state is None:
        return x.mask
    return None if mask is None else mask.var


def listed(initial_state: Any) -> list[Tensor]:
    """The tensors of an initial state."""
    return [] if initial_state is None else initial_state if isinstance(initial_state, list) else [initial_state]


@emits("Bidirectional")
def bidirectional(layer: Layer, x: Tensor, initial_state: Any = None, mask: Tensor | None = None) -> list[Tensor]:
    """A layer in time and one against it, side by side or merged; against it, outputs are turned round again. initial_state: the
    states of the one, then those of the other."""
    mode = layer.get("merge_mode", "concat")
    forward = layer.child("layer", "forward_layer")
    backward = layer.child("backward_layer" if layer.get("backward_layer") else "layer", "backward_layer")
    if backward.config.get("go_backwards", False) == forward.config.get("go_backwards", False):
        backward.config = {**backward.config, "go_backwards": not forward.config.get("go_backwards", False)}
    states = listed(initial_state)
    halves = [states[: len(states) // 2], states[len(states) // 2 :]]
    given = {} if mask is None else {"mask": mask}
    options = [{"initial_state": half, **given} if half else {} for half in halves]
    (first, *after), (second, *others) = (emit(e, [x], o) for e, o in zip((forward, backward), options, strict=True))
    back = Tensor.of(reversed_in_time(second.var)) if forward.get("return_sequences", False) else second
    merged = _merged(mode, first.var, back.var)
    return [*(each.masked(first.mask) for each in merged), *after, *others]


@emits("TimeDistributed")
def time_distributed(layer: Layer, x: Tensor) -> Tensor:
    """A layer on every step by itself: the steps become rows."""
    child = layer.child("layer", "layer")
    if x.mask is not None and child.class_name in ASKING:
        raise UnsupportedError(
            f"TimeDistributed of a masked tensor around {child.class_name}, which would see the mask of a step"
        )
    if any(size is None for size in x.shape[2:]):
        raise UnsupportedError("TimeDistributed of steps whose size is not fixed", got=f"{x.shape}")
    rows = Tensor.of(ops.reshape(x.var, ints([-1, *(int(n or 0) for n in x.shape[2:])])))
    (result,) = emit(child, [rows], {})
    sizes = ops.concat([ops.shape(x.var, end=2), ops.shape(result.var, start=1)], axis=0)
    return Tensor.of(ops.reshape(result.var, sizes), mask=x.mask)


def reversed_in_time(x: Var) -> Var:
    """[N, T, ...] with its steps in the opposite order."""
    return ops.slice(x, ints(-1), ints(np.iinfo(np.int64).min), ints(1), ints(-1))


def _run(layer: Layer, x: Var, length: Var | None, states: Sequence[Var]) -> list[Var]:
    """x: [T, N, F]. length: [N] int32. The outputs [T, N, H], then the last states [N, H]."""
    known = all(name is None or (isinstance(name, str) and name in ACTIVATIONS) for name in _names(layer))
    if not known or layer.dtype == np.float64:  # which onnxruntime's operators do not have
        return stepped(layer, x, length, states)
    kind, gates = layer.class_name, GATES[layer.class_name]
    weights = [layer.weight(f"cell/vars/{i}") for i in range(3 if layer.get("use_bias", True) else 2)]
    hidden = weights[1].shape[0]
    kernel, inner = (constant_like(x, _gates(w, gates).T[None]) for w in weights[:2])
    bias = constant_like(x, _bias(weights[2], gates)[None]) if len(weights) == 3 else None
    names = _names(layer)
    functions = [ACTIVATIONS[name or "linear"] for name in names]
    settings: dict[str, Any] = {"hidden_size": hidden, "activations": [name for name, _, _ in functions]}
    for key, values in (("alpha", [a for _, a, _ in functions]), ("beta", [b for _, _, b in functions])):
        if any(v is not None for v in values):  # one for every function that has such a parameter, in their order
            settings[f"activation_{key}"] = [v for v in values if v is not None]
    first: list[Var | None] = [ops.unsqueeze(state, ints(0)) for state in states] or [None] * (2 if kind == "LSTM" else 1)
    if kind == "LSTM":
        y, *last = ops.lstm(x, kernel, inner, bias, length, *first, **settings)
    elif kind == "GRU":
        after = bool(layer.get("reset_after", True))
        y, *last = ops.gru(x, kernel, inner, bias, length, *first, linear_before_reset=int(after), **settings)
    else:
        y, *last = ops.rnn(x, kernel, inner, bias, length, *first, **settings)
    return [ops.squeeze(v, ints(axis)) for v, axis in zip([y, *last], [1, 0, 0], strict=False)]


def _names(layer: Layer) -> list[Any]:
    """The functions of the gates and of what they let through, as ONNX wants them."""
    inner = [] if layer.class_name == "SimpleRNN" else [layer.get("recurrent_activation", "sigmoid")]
    outer = layer.get("activation", "tanh")
    return [*inner, outer] + ([outer] if layer.class_name == "LSTM" else [])


def _gates(weights: np.ndarray, gates: Sequence[int]) -> np.ndarray:
    """The last axis, gate by gate, in ONNX' order."""
    parts = np.split(weights, len(gates), axis=-1)
    return np.concatenate([parts[i] for i in gates], axis=-1)


def _bias(bias: np.ndarray, gates: Sequence[int]) -> np.ndarray:
    """Of the inputs, then of the state: GRU with `reset_after` has both, everything else the first alone."""
    both = bias if bias.ndim == 2 else np.stack([bias, np.zeros_like(bias)])
    return np.concatenate([_gates(row, gates) for row in both])


def _compacted(x: Var, mask: Var) -> Var:
    """[T, N, F] with the steps that count moved to the front, in their order. mask: [N, T]."""
    steps = ops.transpose(cast(mask, np.int64), perm=[1, 0])
    size = ops.shape(x, end=1)
    place = ops.range(constant_like(size, 0), ops.squeeze(size, ints(0)), constant_like(size, 1))
    # A step that does not count comes behind all of those that do.
    key = ops.add(ops.unsqueeze(place, ints(1)), ops.mul(ops.sub(constant_like(steps, 1), steps), size))
    _, order = ops.top_k(key, size, axis=0, largest=0, sorted=1)
    wide = ops.expand(ops.unsqueeze(order, ints(2)), ops.shape(x))
    return ops.gather_elements(x, wide, axis=0)


def _spread(outputs: Var, mask: Var, zeros: bool) -> Var:
    """[N, T, H]: for every step the output of the last one that counted up to it, zeros before the first; zeros for every step
    that does not count where Keras has it so."""
    place = ops.sub(ops.cumsum(cast(mask, np.int64), constant_like(cast(mask, np.int64), 1)), ints(1))
    index = ops.expand(ops.unsqueeze(ops.max([place, ints(0)]), ints(2)), ops.shape(outputs))
    counted = ops.greater_or_equal(place, ints(0))
    kept = ops.unsqueeze(ops.and_(counted, mask) if zeros else counted, ints(2))
    return ops.where(kept, ops.gather_elements(outputs, index, axis=1), constant_like(outputs, 0))


def _merged(mode: str | None, first: Var, second: Var) -> list[Tensor]:
    if mode is None:
        return [Tensor.of(first), Tensor.of(second)]
    if mode == "ave":
        return [Tensor.of(ops.div(ops.add(first, second), constant_like(first, 2)))]
    functions = {"concat": lambda: ops.concat([first, second], axis=-1), "sum": lambda: ops.add(first, second)}
    functions["mul"] = lambda: ops.mul(first, second)
    if mode not in functions:
        raise UnsupportedError("Bidirectional(merge_mode=...)", expected="concat | sum | mul | ave | None", got=repr(mode))
    return [Tensor.of(functions[mode]())]

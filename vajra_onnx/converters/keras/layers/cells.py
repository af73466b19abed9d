"""keras.layers.RNN around Keras' own cells. One cell is the layer of its name; cells on top of each other are such layers one
behind another, because no cell sees more of the one below than its output of the same step.
Source: `keras.src.layers.rnn.rnn`, `stacked_rnn_cells`."""

from __future__ import annotations

from typing import Any

from ....errors import UnsupportedError
from ....graph import ops
from ..archive import Store
from ..emit import emit, emits
from ..layer import Layer
from ..refusal import stateless
from ..tensor import Tensor
from ..values import ints
from .rnn import counted_steps, listed

# The layer of each cell, and how many states it has.
LAYERS = {"LSTMCell": ("LSTM", 2), "GRUCell": ("GRU", 1), "SimpleRNNCell": ("SimpleRNN", 1)}


@emits("RNN")
def recurrent(layer: Layer, x: Tensor, initial_state: Any = None, mask: Tensor | None = None) -> list[Tensor]:
    """The last output or all of them, and the last states of every cell where they are asked for."""
    stateless(layer)
    layer.ignore("unroll")
    asked = {key: layer.get(key, False) for key in ("return_sequences", "return_state", "go_backwards", "zero_output_for_mask")}
    cell = layer.child("cell", "cell")
    cells = cell.layers("cells") if cell.class_name == "StackedRNNCells" else [cell]
    given, counted = listed(initial_state), counted_steps(x, initial_state, mask)
    result, states = x.masked(counted), []
    for i, each in enumerate(cells):
        last = i == len(cells) - 1
        flags = {**asked, "return_state": True, "return_sequences": asked["return_sequences"] or not last}
        flags["go_backwards"] = asked["go_backwards"] and i == 0  # what the first answers has its order already
        name, count = _known(each)
        own, given = given[:count], given[count:]
        options = {"initial_state": own} | ({} if counted is None else {"mask": Tensor.of(counted)}) if own else {}
        result, *after = emit(_layer(each, name, flags), [result], options)
        states += after
    carried = x.mask if mask is None else mask.var
    result = result.masked(carried if asked["return_sequences"] else None)
    return [result, *states] if asked["return_state"] else [result]


@emits("LSTMCell", "GRUCell", "SimpleRNNCell")
def one_step(layer: Layer, inputs: Tensor, states: Any) -> list[Tensor]:
    """The output of one step, and the states after it."""
    given = [_each_row(inputs, state) for state in (states if isinstance(states, list) else [states])]
    step = Tensor.of(ops.unsqueeze(inputs.var, ints(1)))
    layer.ignore(*layer.config)
    layer.take_all()
    return emit(_layer(layer, LAYERS[layer.class_name][0], {"return_state": True}), [step], {"initial_state": given})


def _each_row(x: Tensor, state: Tensor) -> Tensor:
    """A state; one that is a constant for every row of a tensor."""
    if state.shape[0] != 1:
        return state
    return Tensor.of(ops.expand(state.var, ops.concat([ops.shape(x.var, end=1), ints(1)], axis=0)))


def _known(cell: Layer) -> tuple[str, int]:
    if cell.module != "keras.layers" or cell.class_name not in LAYERS:
        raise UnsupportedError(
            "RNN(cell=...)", expected=" | ".join(LAYERS) + " | a list of them", got=f"{cell.module}.{cell.class_name}"
        )
    return LAYERS[cell.class_name]


def _layer(cell: Layer, name: str, flags: dict[str, Any]) -> Layer:
    """The layer of which this is the cell."""
    store = Store({f"cell/{path}": weight for path, weight in cell.store.weights.items()}, {}, {})
    return Layer(cell.module, name, cell.name, {**cell.config, **flags}, store, {})

"""convert: a fitted model and a sample in, a proven artifact out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import onnx
from spox import Var

from . import dtypes
from .converters import registry
from .errors import UnsupportedError
from .frames import infer
from .graph.block import Block
from .graph.inputs import block_of
from .graph.model import build
from .graph.target import DEFAULT_OPSET, building
from .schema import METADATA_KEY, Column, Schema

Wanted = Iterable[str] | Mapping[str, str] | None


def build_model(
    model: Any, sample: Any, outputs: Wanted = None, mode: str = "exact", target_opset: int = DEFAULT_OPSET
) -> tuple[onnx.ModelProto, Schema, dict[str, str]]:
    """The unproven graph, its schema (inside the graph's metadata, too), and which method each output answers for.

    The third value maps output names to names of methods: `{"label": "predict"}` for `outputs={"predict": "label"}`.
    """
    columns = infer(sample)
    frame = not (len(columns) == 1 and hasattr(sample, "ndim"))
    with building(target_opset, mode) as target:
        variables, block = block_of(columns, frame=frame)
        available = _expand(registry.convert(model, block))
        methods = choose(available, outputs)
        chosen = {name: available[method] for name, method in methods.items()}
        schema = Schema(columns, tuple(_column(name, var) for name, var in chosen.items()))
        proto = build(target, variables, chosen)
    write_schema(proto, schema)
    return proto, schema, methods


def write_schema(proto: onnx.ModelProto, schema: Schema) -> None:
    """Store the schema in the model's metadata, in place of one that is there."""
    set_metadata(proto, METADATA_KEY, schema.to_json())


def set_metadata(proto: onnx.ModelProto, key: str, value: str) -> None:
    """Set one entry of `metadata_props`."""
    for entry in proto.metadata_props:
        if entry.key == key:
            entry.value = value
            return
    proto.metadata_props.add(key=key, value=value)


def choose(available: Mapping[str, Any], wanted: Wanted) -> dict[str, str]:
    """Output name -> method name, for what the user asked for or for the defaults.

    Defaults: `predict` and `predict_proba` (or `decision_function`) for classifiers, `predict` for regressors and
    clusterers, `margin` in addition for boosters, `transform` for transformers.
    """
    if wanted is None:
        return {name: name for name in _defaults(available)}
    names = {str(k): str(v) for k, v in wanted.items()} if isinstance(wanted, Mapping) else {w: w for w in wanted}
    methods: dict[str, str] = {}
    for method, name in names.items():
        found = [
            key for key in available if key == method or (key.rpartition("_")[0] == method and key.rpartition("_")[2].isdigit())
        ]
        if not found:
            raise UnsupportedError("unknown output", expected=" | ".join(available), got=repr(method))
        for key in found:
            methods[name + key[len(method) :]] = key
    if wanted is not None and isinstance(wanted, Mapping):
        kept = {key: key for key in _defaults(available) if key not in methods.values()}
        methods |= kept
    return methods


def _defaults(available: Mapping[str, Any]) -> list[str]:
    if _numbered(available, "predict"):
        scores = _numbered(available, "predict_proba") or _numbered(available, "decision_function")
        return _numbered(available, "predict") + scores + _numbered(available, "margin")
    return _numbered(available, "transform") or list(available)


def _numbered(available: Mapping[str, Any], method: str) -> list[str]:
    """The method itself, or its answers one by one: predict_proba_0, predict_proba_1, ..."""
    return [key for key in available if key == method or (key.startswith(method + "_") and key[len(method) + 1 :].isdigit())]


def _expand(outputs: Mapping[str, Any]) -> dict[str, Var]:
    """One variable per output: a list (the probabilities of a multi-output classifier) becomes name_0, name_1, ..."""
    expanded: dict[str, Var] = {}
    for name, value in outputs.items():
        if isinstance(value, list):
            expanded |= {f"{name}_{i}": v for i, v in enumerate(value)}
        else:
            expanded[name] = value.matrix() if isinstance(value, Block) else value
    return expanded


def _column(name: str, var: Var) -> Column:
    tensor = var.unwrap_tensor()
    shape = tuple(s if isinstance(s, int) else None for s in tensor.shape or (None,))
    return Column(name, dtypes.of_numpy(tensor.dtype).name, (None, *shape[1:]))

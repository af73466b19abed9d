"""From a fitted model to an unproven graph with its schema."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import onnx
from spox import Var

from .. import dtypes
from ..converters import registry
from ..converters.dict_rows import sample_of, takes_dicts
from ..frames import infer, read
from ..frames.series import is_masked
from ..frames.unnamed import unnamed_texts
from ..graph.inputs import block_of
from ..graph.model import build, foreign_operators
from ..graph.rows import independent_rows
from ..graph.target import DEFAULT_OPSET, Target, building
from ..runtime.blocks import INDEPENDENT, ROWS_KEY
from ..schema import METADATA_KEY, Column, Schema
from .outputs import Wanted, built, choose, expand

FOREIGN = "operators of ONNX Runtime's own, which every official build of it has and the ONNX standard does not"
NOTES_KEY = "vajra_onnx.notes"


def build_model(
    model: Any, sample: Any, outputs: Wanted = None, mode: str = "exact", target_opset: int = DEFAULT_OPSET
) -> tuple[onnx.ModelProto, Schema, dict[str, str]]:
    """The unproven graph, its schema (inside the graph's metadata, too), and which method each output answers for.

    The third value maps output names to names of methods: `{"label": "predict"}` for `outputs={"predict": "label"}`.
    """
    sample = sample_of(model, sample)
    columns = infer(sample)
    data = read(sample)
    frame = not isinstance(data, np.ndarray) and unnamed_texts(sample) is None
    sparse = hasattr(sample, "toarray")
    if frame and takes_dicts(model):
        columns = tuple(replace(column, optional=True) for column in columns)
    masked = set() if isinstance(data, np.ndarray) else {name for name, values in data.items() if is_masked(values)}
    with building(target_opset, mode) as target:
        variables, block = block_of(columns, frame=frame, sparse=sparse, masked=masked)
        available = expand(registry.convert(model, block))
        methods = choose(available, outputs)
        chosen = {name: built(available[method]) for name, method in methods.items()}
        schema = Schema(columns, tuple(column_of(name, var) for name, var in chosen.items()))
        proto = build(target, variables, chosen)
    write_schema(proto, schema)
    write_notes(proto, target)
    if independent_rows(proto):
        set_metadata(proto, ROWS_KEY, INDEPENDENT)
    return proto, schema, methods


def write_schema(proto: onnx.ModelProto, schema: Schema) -> None:
    """Store the schema in the model's metadata, in place of one that is there."""
    set_metadata(proto, METADATA_KEY, schema.to_json())


def write_notes(proto: onnx.ModelProto, target: Target) -> None:
    """Keep what the certificate has to tell about the graph, where there is something."""
    if target.notes:
        set_metadata(proto, NOTES_KEY, json.dumps(target.notes))


def notes_on(proto: onnx.ModelProto) -> tuple[str, ...]:
    """What a certificate has to say about the graph: what `write_notes` has kept, and operators that not every runtime has."""
    kept = next((tuple(json.loads(entry.value)) for entry in proto.metadata_props if entry.key == NOTES_KEY), ())
    foreign = foreign_operators(proto)
    return (*kept, f"{FOREIGN}: {', '.join(foreign)}") if foreign else kept


def set_metadata(proto: onnx.ModelProto, key: str, value: str) -> None:
    """Set one entry of `metadata_props`."""
    for entry in proto.metadata_props:
        if entry.key == key:
            entry.value = value
            return
    proto.metadata_props.add(key=key, value=value)


def column_of(name: str, var: Var) -> Column:
    """The schema's column for an output variable."""
    tensor = var.unwrap_tensor()
    shape = tuple(s if isinstance(s, int) else None for s in tensor.shape or (None,))
    return Column(name, dtypes.of_numpy(tensor.dtype).name, (None, *shape[1:]))

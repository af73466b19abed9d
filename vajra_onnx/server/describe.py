"""What a server tells about its models: metadata, configuration, statistics, index."""

from __future__ import annotations

from collections.abc import Iterable

from .. import dtypes
from .._version import __version__
from ..runtime.session import Session
from ..schema import Column
from ..wire.stubs.open_inference_pb2 import (
    DESCRIPTOR,
    InferStatistics,
    ModelConfig,
    ModelInput,
    ModelMetadataResponse,
    ModelOutput,
    ModelStatistics,
    RepositoryIndexResponse,
    ServerMetadataResponse,
    StatisticDuration,
)
from .models import Model

PLATFORM = "onnxruntime_onnx"
_TYPES = {"BYTES": "TYPE_STRING"}
_NUMBERS = {value.name: value.number for value in DESCRIPTOR.enum_types_by_name["DataType"].values}


def server_metadata() -> ServerMetadataResponse:
    """Name, version, and the extensions in Triton's words."""
    return ServerMetadataResponse(name="vajra-onnx", version=__version__, extensions=["statistics", "model_configuration"])


def model_metadata(model: Model, session: Session, versions: Iterable[int]) -> ModelMetadataResponse:
    """Tensors from the schema; `properties` holds what vajra-onnx keeps in the model's metadata, the schema among it."""
    return ModelMetadataResponse(
        name=model.name,
        versions=[str(v) for v in sorted(versions)],
        platform=PLATFORM,
        inputs=[_tensor(c) for c in session.schema.inputs],
        outputs=[_tensor(c) for c in session.schema.outputs],
        properties={key: text for key, text in session.metadata.items() if key.startswith("vajra_onnx.")},
    )


def model_config(model: Model, session: Session) -> ModelConfig:
    """The part of Triton's configuration that says something here: load generators read the tensors from it."""
    inputs = [ModelInput(name=c.name, data_type=_type(c), dims=_dims(c)) for c in session.schema.inputs]
    outputs = [ModelOutput(name=c.name, data_type=_type(c), dims=_dims(c)) for c in session.schema.outputs]
    return ModelConfig(name=model.name, platform=PLATFORM, input=inputs, output=outputs)


def model_statistics(model: Model) -> ModelStatistics:
    """Counts and durations since the model was loaded."""
    counts = model.counts.now()
    success = StatisticDuration(count=counts.answered, ns=int(counts.seconds * 1e9))
    fail = StatisticDuration(count=sum(counts.failed().values()), ns=int(counts.failed_seconds * 1e9))
    queue = StatisticDuration(count=counts.answered, ns=int(counts.queue_seconds * 1e9))
    compute = StatisticDuration(count=counts.executions, ns=int(counts.compute_seconds * 1e9))
    return ModelStatistics(
        name=model.name,
        version=str(model.version),
        last_inference=int(counts.last * 1000),
        inference_count=counts.rows,
        execution_count=counts.executions,
        inference_stats=InferStatistics(success=success, fail=fail, queue=queue, compute_infer=compute),
    )


def index_entry(model: Model) -> RepositoryIndexResponse.ModelIndex:
    """One line of the repository's index."""
    return RepositoryIndexResponse.ModelIndex(name=model.name, version=str(model.version), state=model.state, reason=model.reason)


def _tensor(column: Column) -> ModelMetadataResponse.TensorMetadata:
    return ModelMetadataResponse.TensorMetadata(name=column.name, datatype=dtypes.dtype(column.dtype).wire, shape=_dims(column))


def _dims(column: Column) -> list[int]:
    return [-1 if size is None else size for size in column.shape]


def _type(column: Column) -> int:
    wire = dtypes.dtype(column.dtype).wire
    return _NUMBERS[_TYPES.get(wire, f"TYPE_{wire}")]

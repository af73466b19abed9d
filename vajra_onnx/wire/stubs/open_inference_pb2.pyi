"""Made by proto/generate.py from proto/open_inference.proto: do not edit."""

from collections.abc import Iterable, Mapping, MutableMapping, MutableSequence
from typing import Any

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message

POOL: DescriptorPool
DESCRIPTOR: FileDescriptor

class ServerLiveRequest(Message):
    def __init__(self) -> None: ...

class ServerLiveResponse(Message):
    live: bool
    def __init__(self, *, live: bool | None = ...) -> None: ...

class ServerReadyRequest(Message):
    def __init__(self) -> None: ...

class ServerReadyResponse(Message):
    ready: bool
    def __init__(self, *, ready: bool | None = ...) -> None: ...

class ModelReadyRequest(Message):
    name: str
    version: str
    def __init__(self, *, name: str | None = ..., version: str | None = ...) -> None: ...

class ModelReadyResponse(Message):
    ready: bool
    def __init__(self, *, ready: bool | None = ...) -> None: ...

class ServerMetadataRequest(Message):
    def __init__(self) -> None: ...

class ServerMetadataResponse(Message):
    name: str
    version: str
    extensions: MutableSequence[str]
    def __init__(self, *, name: str | None = ..., version: str | None = ..., extensions: Iterable[str] | None = ...) -> None: ...

class ModelMetadataRequest(Message):
    name: str
    version: str
    def __init__(self, *, name: str | None = ..., version: str | None = ...) -> None: ...

class ModelMetadataResponse(Message):
    class TensorMetadata(Message):
        name: str
        datatype: str
        shape: MutableSequence[int]
        def __init__(self, *, name: str | None = ..., datatype: str | None = ..., shape: Iterable[int] | None = ...) -> None: ...
    name: str
    versions: MutableSequence[str]
    platform: str
    inputs: Any
    outputs: Any
    properties: MutableMapping[str, str]
    def __init__(self, *, name: str | None = ..., versions: Iterable[str] | None = ..., platform: str | None = ..., inputs: Iterable[ModelMetadataResponse.TensorMetadata] | None = ..., outputs: Iterable[ModelMetadataResponse.TensorMetadata] | None = ..., properties: Mapping[str, str] | None = ...) -> None: ...

class InferParameter(Message):
    bool_param: bool
    int64_param: int
    string_param: str
    double_param: float
    uint64_param: int
    def __init__(self, *, bool_param: bool | None = ..., int64_param: int | None = ..., string_param: str | None = ..., double_param: float | None = ..., uint64_param: int | None = ...) -> None: ...

class InferTensorContents(Message):
    bool_contents: MutableSequence[bool]
    int_contents: MutableSequence[int]
    int64_contents: MutableSequence[int]
    uint_contents: MutableSequence[int]
    uint64_contents: MutableSequence[int]
    fp32_contents: MutableSequence[float]
    fp64_contents: MutableSequence[float]
    bytes_contents: MutableSequence[bytes]
    def __init__(self, *, bool_contents: Iterable[bool] | None = ..., int_contents: Iterable[int] | None = ..., int64_contents: Iterable[int] | None = ..., uint_contents: Iterable[int] | None = ..., uint64_contents: Iterable[int] | None = ..., fp32_contents: Iterable[float] | None = ..., fp64_contents: Iterable[float] | None = ..., bytes_contents: Iterable[bytes] | None = ...) -> None: ...

class ModelInferRequest(Message):
    class InferInputTensor(Message):
        name: str
        datatype: str
        shape: MutableSequence[int]
        parameters: MutableMapping[str, InferParameter]
        contents: InferTensorContents
        def __init__(self, *, name: str | None = ..., datatype: str | None = ..., shape: Iterable[int] | None = ..., parameters: Mapping[str, InferParameter] | None = ..., contents: InferTensorContents | None = ...) -> None: ...
    class InferRequestedOutputTensor(Message):
        name: str
        parameters: MutableMapping[str, InferParameter]
        def __init__(self, *, name: str | None = ..., parameters: Mapping[str, InferParameter] | None = ...) -> None: ...
    model_name: str
    model_version: str
    id: str
    parameters: MutableMapping[str, InferParameter]
    inputs: Any
    outputs: Any
    raw_input_contents: MutableSequence[bytes]
    def __init__(self, *, model_name: str | None = ..., model_version: str | None = ..., id: str | None = ..., parameters: Mapping[str, InferParameter] | None = ..., inputs: Iterable[ModelInferRequest.InferInputTensor] | None = ..., outputs: Iterable[ModelInferRequest.InferRequestedOutputTensor] | None = ..., raw_input_contents: Iterable[bytes] | None = ...) -> None: ...

class ModelInferResponse(Message):
    class InferOutputTensor(Message):
        name: str
        datatype: str
        shape: MutableSequence[int]
        parameters: MutableMapping[str, InferParameter]
        contents: InferTensorContents
        def __init__(self, *, name: str | None = ..., datatype: str | None = ..., shape: Iterable[int] | None = ..., parameters: Mapping[str, InferParameter] | None = ..., contents: InferTensorContents | None = ...) -> None: ...
    model_name: str
    model_version: str
    id: str
    parameters: MutableMapping[str, InferParameter]
    outputs: Any
    raw_output_contents: MutableSequence[bytes]
    def __init__(self, *, model_name: str | None = ..., model_version: str | None = ..., id: str | None = ..., parameters: Mapping[str, InferParameter] | None = ..., outputs: Iterable[ModelInferResponse.InferOutputTensor] | None = ..., raw_output_contents: Iterable[bytes] | None = ...) -> None: ...

class ModelStreamInferResponse(Message):
    error_message: str
    infer_response: ModelInferResponse
    def __init__(self, *, error_message: str | None = ..., infer_response: ModelInferResponse | None = ...) -> None: ...

class ModelConfigRequest(Message):
    name: str
    version: str
    def __init__(self, *, name: str | None = ..., version: str | None = ...) -> None: ...

class ModelConfigResponse(Message):
    config: ModelConfig
    def __init__(self, *, config: ModelConfig | None = ...) -> None: ...

class ModelInput(Message):
    name: str
    data_type: int
    dims: MutableSequence[int]
    def __init__(self, *, name: str | None = ..., data_type: int | None = ..., dims: Iterable[int] | None = ...) -> None: ...

class ModelOutput(Message):
    name: str
    data_type: int
    dims: MutableSequence[int]
    def __init__(self, *, name: str | None = ..., data_type: int | None = ..., dims: Iterable[int] | None = ...) -> None: ...

class ModelConfig(Message):
    name: str
    platform: str
    max_batch_size: int
    input: Any
    output: Any
    def __init__(self, *, name: str | None = ..., platform: str | None = ..., max_batch_size: int | None = ..., input: Iterable[ModelInput] | None = ..., output: Iterable[ModelOutput] | None = ...) -> None: ...

class ModelStatisticsRequest(Message):
    name: str
    version: str
    def __init__(self, *, name: str | None = ..., version: str | None = ...) -> None: ...

class ModelStatisticsResponse(Message):
    model_stats: Any
    def __init__(self, *, model_stats: Iterable[ModelStatistics] | None = ...) -> None: ...

class StatisticDuration(Message):
    count: int
    ns: int
    def __init__(self, *, count: int | None = ..., ns: int | None = ...) -> None: ...

class InferStatistics(Message):
    success: StatisticDuration
    fail: StatisticDuration
    queue: StatisticDuration
    compute_infer: StatisticDuration
    def __init__(self, *, success: StatisticDuration | None = ..., fail: StatisticDuration | None = ..., queue: StatisticDuration | None = ..., compute_infer: StatisticDuration | None = ...) -> None: ...

class ModelStatistics(Message):
    name: str
    version: str
    last_inference: int
    inference_count: int
    execution_count: int
    inference_stats: InferStatistics
    def __init__(self, *, name: str | None = ..., version: str | None = ..., last_inference: int | None = ..., inference_count: int | None = ..., execution_count: int | None = ..., inference_stats: InferStatistics | None = ...) -> None: ...

class RepositoryIndexRequest(Message):
    repository_name: str
    ready: bool
    def __init__(self, *, repository_name: str | None = ..., ready: bool | None = ...) -> None: ...

class RepositoryIndexResponse(Message):
    class ModelIndex(Message):
        name: str
        version: str
        state: str
        reason: str
        def __init__(self, *, name: str | None = ..., version: str | None = ..., state: str | None = ..., reason: str | None = ...) -> None: ...
    models: Any
    def __init__(self, *, models: Iterable[RepositoryIndexResponse.ModelIndex] | None = ...) -> None: ...

class ModelRepositoryParameter(Message):
    bool_param: bool
    int64_param: int
    string_param: str
    bytes_param: bytes
    def __init__(self, *, bool_param: bool | None = ..., int64_param: int | None = ..., string_param: str | None = ..., bytes_param: bytes | None = ...) -> None: ...

class RepositoryModelLoadRequest(Message):
    repository_name: str
    model_name: str
    parameters: MutableMapping[str, ModelRepositoryParameter]
    def __init__(self, *, repository_name: str | None = ..., model_name: str | None = ..., parameters: Mapping[str, ModelRepositoryParameter] | None = ...) -> None: ...

class RepositoryModelLoadResponse(Message):
    def __init__(self) -> None: ...

class RepositoryModelUnloadRequest(Message):
    repository_name: str
    model_name: str
    parameters: MutableMapping[str, ModelRepositoryParameter]
    def __init__(self, *, repository_name: str | None = ..., model_name: str | None = ..., parameters: Mapping[str, ModelRepositoryParameter] | None = ...) -> None: ...

class RepositoryModelUnloadResponse(Message):
    def __init__(self) -> None: ...

"""The service, written once for every transport: from a method's path and a request's bytes to a response's bytes.

Nothing here knows gRPC's machinery. Every method takes a request message and who asks, and returns a response message, or
raises InputError or RefusedError; `dispatch` turns what is raised into a status.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from google.protobuf.message import DecodeError

from ..errors import InputError
from ..wire import codec
from ..wire.service import METHODS
from ..wire.stubs import open_inference_pb2 as pb
from . import describe
from .access import EVERYONE, Access, discreet, named, permit, visible
from .batches import Job
from .caller import NOBODY, Caller
from .journal import note
from .models import Models
from .reply import Reply, refused
from .status import Code, RefusedError, code_of, details_of


class Control(Protocol):
    """Loads and unloads by request; both raise RefusedError."""

    def load(self, name: str) -> None: ...

    def unload(self, name: str) -> None: ...


STREAM = METHODS["ModelStreamInfer"].path


class Service:
    """Answers about and from `models`. `accepting` says whether the server has loaded them all and is not shutting down.

    control: who loads and unloads by request; None refuses it.
    """

    def __init__(self, models: Models, accepting: Callable[[], bool], access: Access | None = None) -> None:
        self._models, self.access = models, access or Access()
        self.control: Control | None = None
        self._accepting = accepting
        self._methods = {METHODS[name].path: (METHODS[name], answer) for name, answer in self.methods().items()}

    @property
    def paths(self) -> list[str]:
        """Of the unary methods, as `/package.Service/Method`."""
        return list(self._methods)

    def dispatch(self, path: str, request: bytes, metadata: Iterable[tuple[str, str | bytes]] = ()) -> Reply:
        """Any unary method for a transport that knows no more of the caller than its headers; never raises."""
        return self.answer(path, request, Caller(dict(metadata)))

    def answer(self, path: str, request: bytes, caller: Caller = NOBODY) -> Reply:
        """Any unary method; never raises."""
        start, grant, message = time.perf_counter(), EVERYONE, None
        try:
            if path not in self._methods:
                raise RefusedError(Code.UNIMPLEMENTED, f"unknown method {path!r}")
            grant = self.access.enter(path, caller.metadata)
            method, answer = self._methods[path]
            message = _parsed(method.request, request)
            permit(grant, path, named(message))
            reply = Reply(Code.OK, "", bytes(visible(grant, answer(message, caller)).SerializeToString()))
        except Exception as error:
            reply = refused(discreet(grant, error))
        note(path, message, caller, grant, reply.code, start)
        return reply

    def unknown_caller(self, path: str, metadata: Mapping[str, str | bytes]) -> Reply | None:
        """The refusal of a caller without a valid token, for a transport that can say so before it reads the message."""
        try:
            self.access.enter(path, metadata)
        except RefusedError as error:
            return refused(error)
        return None

    def permitted(self, path: str, model: str, metadata: Mapping[str, str | bytes]) -> str | None:
        """The name of a caller who may call a method for a model, for a transport that answers it by itself; None for others."""
        try:
            grant = self.access.enter(path, metadata)
            permit(grant, path, model)
        except RefusedError:
            return None
        return grant.name

    def stream_answer(self, message: bytes, caller: Caller = NOBODY) -> Reply:
        """One message of ModelStreamInfer. A refused request is answered with its error and its id, and the stream goes on, as
        Triton does; a message that cannot be read ends it with the reply's code.
        """
        try:
            request = _parsed(pb.ModelInferRequest, message)
        except InputError as error:
            return refused(error)
        start, grant, code = time.perf_counter(), EVERYONE, Code.OK
        try:
            grant = self.access.enter(STREAM, caller.metadata)
            permit(grant, STREAM, named(request))
            response = pb.ModelStreamInferResponse(infer_response=self.model_infer(request, caller))
        except Exception as error:
            response = pb.ModelStreamInferResponse(error_message=details_of(discreet(grant, error)))
            response.infer_response.id = request.id
            code = code_of(error)
        note(STREAM, request, caller, grant, code, start)
        return Reply(Code.OK, "", response.SerializeToString())

    def server_live(self, request: pb.ServerLiveRequest, caller: Caller) -> pb.ServerLiveResponse:
        """A server that can answer is alive."""
        return pb.ServerLiveResponse(live=True)

    def server_ready(self, request: pb.ServerReadyRequest, caller: Caller) -> pb.ServerReadyResponse:
        """Whether inference requests are welcome."""
        return pb.ServerReadyResponse(ready=self._accepting())

    def model_ready(self, request: pb.ModelReadyRequest, caller: Caller) -> pb.ModelReadyResponse:
        """Whether this model would answer now."""
        return pb.ModelReadyResponse(ready=self._accepting() and self._models.ready(request.name, request.version))

    def server_metadata(self, request: pb.ServerMetadataRequest, caller: Caller) -> pb.ServerMetadataResponse:
        """Name and version."""
        return describe.server_metadata()

    def model_metadata(self, request: pb.ModelMetadataRequest, caller: Caller) -> pb.ModelMetadataResponse:
        """Tensors and schema."""
        model, session = self._models.find(request.name, request.version)
        ready = [m.version for m in self._models.of(model.name).values() if m.session is not None]
        return describe.model_metadata(model, session, ready)

    def model_config(self, request: pb.ModelConfigRequest, caller: Caller) -> pb.ModelConfigResponse:
        """Triton's view of the tensors."""
        return pb.ModelConfigResponse(config=describe.model_config(*self._models.find(request.name, request.version)))

    def model_statistics(self, request: pb.ModelStatisticsRequest, caller: Caller) -> pb.ModelStatisticsResponse:
        """Of one model, or of all that are ready."""
        if request.name:
            found = [self._models.find(request.name, request.version)[0]]
        else:
            found = [m for m in self._models.all() if m.session is not None]
        return pb.ModelStatisticsResponse(model_stats=[describe.model_statistics(m) for m in found])

    def repository_index(self, request: pb.RepositoryIndexRequest, caller: Caller) -> pb.RepositoryIndexResponse:
        """Every version of every model, and its state."""
        shown = [m for m in self._models.all() if m.session is not None or not request.ready]
        return pb.RepositoryIndexResponse(models=[describe.index_entry(m) for m in shown])

    def repository_model_load(self, request: pb.RepositoryModelLoadRequest, caller: Caller) -> pb.RepositoryModelLoadResponse:
        """Load a model that lies in the repository; a configuration or files in the request are refused."""
        if request.parameters:
            raise InputError(expected="no parameters", got=", ".join(sorted(request.parameters)), where="$.parameters")
        self._controlled().load(request.model_name)
        return pb.RepositoryModelLoadResponse()

    def repository_model_unload(
        self, request: pb.RepositoryModelUnloadRequest, caller: Caller
    ) -> pb.RepositoryModelUnloadResponse:
        """Let go of a model. Triton's `unload_dependents` says nothing here: no model depends on another."""
        self._controlled().unload(request.model_name)
        return pb.RepositoryModelUnloadResponse()

    def _controlled(self) -> Control:
        if self.control is None:
            raise RefusedError(Code.UNIMPLEMENTED, "models are not loaded or unloaded by request; serve --explicit allows it")
        return self.control

    def model_infer(self, request: pb.ModelInferRequest, caller: Caller) -> pb.ModelInferResponse:
        """Answers for the rows of the request."""
        model, serving = self._models.serving(request.model_name, request.model_version)
        begun = model.counts.begin()
        try:
            wanted = codec.requested_outputs(request) or None
            feeds = serving.check(codec.read_inputs(request))
            job = Job(feeds, wanted, len(next(iter(feeds.values()))))
            most = model.settings.max_rows
            if most and job.rows > most:
                raise InputError(expected=f"at most {most} rows", got=str(job.rows), where="$.inputs")
            answers = serving.scheduler(job, caller)
            response = codec.infer_response(model.name, str(model.version), request.id, answers)
        except Exception as error:
            model.counts.failure(code_of(error), begun)
            raise
        model.counts.success(job.rows, begun)
        return response

    def methods(self) -> dict[str, Callable[[Any, Caller], Any]]:
        """The unary methods by their protocol's names."""
        return {
            "ServerLive": self.server_live,
            "ServerReady": self.server_ready,
            "ModelReady": self.model_ready,
            "ServerMetadata": self.server_metadata,
            "ModelMetadata": self.model_metadata,
            "ModelInfer": self.model_infer,
            "ModelConfig": self.model_config,
            "ModelStatistics": self.model_statistics,
            "RepositoryIndex": self.repository_index,
            "RepositoryModelLoad": self.repository_model_load,
            "RepositoryModelUnload": self.repository_model_unload,
        }


def _parsed(kind: type[Any], data: bytes) -> Any:
    try:
        return kind.FromString(data)
    except DecodeError:
        raise InputError(expected=f"a {kind.DESCRIPTOR.full_name}", got=f"{len(data)} bytes of another kind") from None

"""The protocol's methods on messages: decode, call, encode. Nothing here knows gRPC's machinery.

Every method takes a request message and returns a response message, or raises InputError or RefusedError.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import grpc
import numpy as np

from ..runtime.session import Session
from ..wire import codec
from ..wire.stubs import open_inference_pb2 as pb
from . import describe
from .feeds import Checker
from .models import Models
from .status import RefusedError, code_of


class Service:
    """Answers about and from `models`. `accepting` says whether the server has loaded them all and is not shutting down."""

    def __init__(self, models: Models, accepting: Callable[[], bool]) -> None:
        self._models = models
        self._accepting = accepting

    def server_live(self, request: pb.ServerLiveRequest) -> pb.ServerLiveResponse:
        """A server that can answer is alive."""
        return pb.ServerLiveResponse(live=True)

    def server_ready(self, request: pb.ServerReadyRequest) -> pb.ServerReadyResponse:
        """Whether inference requests are welcome."""
        return pb.ServerReadyResponse(ready=self._accepting())

    def model_ready(self, request: pb.ModelReadyRequest) -> pb.ModelReadyResponse:
        """Whether this model would answer now."""
        return pb.ModelReadyResponse(ready=self._accepting() and self._models.ready(request.name, request.version))

    def server_metadata(self, request: pb.ServerMetadataRequest) -> pb.ServerMetadataResponse:
        """Name and version."""
        return describe.server_metadata()

    def model_metadata(self, request: pb.ModelMetadataRequest) -> pb.ModelMetadataResponse:
        """Tensors and schema."""
        model, session = self._models.find(request.name, request.version)
        ready = [m.version for m in self._models.by_name[model.name].values() if m.session is not None]
        return describe.model_metadata(model, session, ready)

    def model_config(self, request: pb.ModelConfigRequest) -> pb.ModelConfigResponse:
        """Triton's view of the tensors."""
        return pb.ModelConfigResponse(config=describe.model_config(*self._models.find(request.name, request.version)))

    def model_statistics(self, request: pb.ModelStatisticsRequest) -> pb.ModelStatisticsResponse:
        """Of one model, or of all that are ready."""
        if request.name:
            found = [self._models.find(request.name, request.version)[0]]
        else:
            found = [m for m in self._models.all() if m.session is not None]
        return pb.ModelStatisticsResponse(model_stats=[describe.model_statistics(m) for m in found])

    def repository_index(self, request: pb.RepositoryIndexRequest) -> pb.RepositoryIndexResponse:
        """Every version of every model, and its state."""
        shown = [m for m in self._models.all() if m.session is not None or not request.ready]
        return pb.RepositoryIndexResponse(models=[describe.index_entry(m) for m in shown])

    def unsupported(self, request: Any) -> Any:
        """Models are loaded when the server starts, never by request."""
        raise RefusedError(grpc.StatusCode.UNIMPLEMENTED, "models are not loaded or unloaded by request")

    def model_infer(self, request: pb.ModelInferRequest) -> pb.ModelInferResponse:
        """Answers for the rows of the request."""
        start = time.perf_counter()
        model, session = self._models.find(request.model_name, request.model_version)
        try:
            answers, rows = _infer(session, model.check, request)
            response = codec.infer_response(model.name, str(model.version), request.id, answers)
        except Exception as error:
            model.counts.failure(code_of(error), time.perf_counter() - start)
            raise
        model.counts.success(rows, time.perf_counter() - start)
        return response

    def methods(self) -> dict[str, Callable[[Any], Any]]:
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
            "RepositoryModelLoad": self.unsupported,
            "RepositoryModelUnload": self.unsupported,
        }


def _infer(session: Session, check: Checker, request: pb.ModelInferRequest) -> tuple[dict[str, np.ndarray], int]:
    wanted = codec.requested_outputs(request) or None
    feeds = check(codec.read_inputs(request))
    return session.run_feeds(feeds, wanted), len(next(iter(feeds.values())))

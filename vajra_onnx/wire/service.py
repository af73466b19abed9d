"""The gRPC service's methods: full name, request and response class, streaming or not; read from its descriptor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .stubs import open_inference_pb2 as stubs

NAME = "inference.GRPCInferenceService"


@dataclass(frozen=True)
class Method:
    """One method. path: `/package.Service/Name`. stream: both directions are streams."""

    path: str
    request: type[Any]
    response: type[Any]
    stream: bool


def _methods() -> dict[str, Method]:
    described = stubs.DESCRIPTOR.services_by_name["GRPCInferenceService"].methods
    return {
        m.name: Method(
            path=f"/{NAME}/{m.name}",
            request=getattr(stubs, m.input_type.name),
            response=getattr(stubs, m.output_type.name),
            stream=bool(m.server_streaming),
        )
        for m in described
    }


METHODS = _methods()

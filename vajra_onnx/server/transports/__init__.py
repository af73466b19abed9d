"""Transports: each carries the one service (see `service`) over the network."""

from __future__ import annotations

from ...errors import ServerError
from ..health import Health
from ..service import Service
from .endpoint import Endpoint
from .transport import Transport

__all__ = ["Endpoint", "Transport", "open_transport"]


def open_transport(choice: str, service: Service, health: Health, endpoint: Endpoint) -> Transport:
    """The transport of this name, listening; "auto" is the fastest that is installed. Raises ServerError."""
    if choice in ("native", "auto"):
        try:
            from .native import NativeTransport
        except ImportError:
            if choice == "native":
                hint = "pip install vajra-onnx-native, or --transport grpcio"
                raise ServerError("the native transport is not installed", hint=hint) from None
        else:
            return NativeTransport(service, health, endpoint)
    from .grpcio import GrpcioTransport

    return GrpcioTransport(service, health, endpoint)

"""The transport that is always there: grpcio's own server, in Python."""

from .transport import GrpcioTransport

__all__ = ["GrpcioTransport"]

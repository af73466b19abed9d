"""The server: models over gRPC with the Open Inference Protocol, and what production needs around them."""

from .serve import serve
from .server import Server

__all__ = ["Server", "serve"]

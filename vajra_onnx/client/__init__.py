"""The client: a served model with the same `run` as a session, sync and async."""

from .aio import AsyncClient
from .security import TLS
from .sync import Client

__all__ = ["TLS", "AsyncClient", "Client"]

"""The client: a served model with the same `run` as a session, sync and async."""

from .aio import AsyncClient
from .sync import Client

__all__ = ["AsyncClient", "Client"]

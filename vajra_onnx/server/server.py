"""Server: one endpoint over a set of models, from its start to a shutdown that loses no call."""

from __future__ import annotations

import os
import time
from dataclasses import replace

from ..runtime.onnxruntime import limit_memory
from ..wire import service as protocol
from .access import Access
from .config import Config
from .health import Health
from .listener import ModelListener
from .manager import Manager
from .models import Models
from .service import Service
from .tls import Certificates
from .tokens import Tokens
from .transports import Endpoint, open_transport

# How long a server that has said it is going still takes new calls: clients and balancers need a moment to hear of it, and
# calls that have arrived but have not been handed over yet are not lost.
SETTLE = 0.25


class Server:
    """A server that is bound and answers from the moment it is made; models become ready one by one.

    host, port: where it listens; port 0 picks a free one, and `port` says which. workers: requests that have a thread each.
    limit: calls that are taken on, beyond which they are refused with RESOURCE_EXHAUSTED. max_message: megabytes. transport: see
    `transports`. tls, tokens: without both, whoever reaches the port may call everything. Raises ServerError where the port is
    taken or the certificate cannot be used. keepalive, idle: see `Endpoint`.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        workers: int = 256,
        limit: int = 1000,
        max_message: int = 64,
        transport: str = "auto",
        tls: Certificates | None = None,
        tokens: Tokens | None = None,
        keepalive: float = 7200.0,
        idle: float = 0.0,
    ) -> None:
        self.models = Models()
        self.health = Health()
        self._loaded = self._going = False
        self.service = Service(self.models, self.accepting, Access(tokens))
        endpoint = Endpoint(host, port, workers, limit, max_message, tls, keepalive=keepalive, idle=idle)
        self.transport = open_transport(transport, self.service, self.health, endpoint)
        self.port = self.transport.port
        self.address = replace(endpoint, port=self.port).address

    def open(self, source: str | os.PathLike[str], config: Config | None = None, *, explicit: bool = False) -> Manager:
        """The manager of this server's models, those of a file or a repository; `load_all` is left to the caller.

        explicit: clients may load and unload. Raises ArtifactError where there is no model.
        """
        listeners = [self.transport] if isinstance(self.transport, ModelListener) else []
        manager = Manager(source, self.models, config or Config(), self._changed, listeners)
        manager.find()
        if explicit:
            self.service.control = manager
        return manager

    def limit_memory(self, megabytes: int) -> None:
        """Bound the memory of executions, before models are opened; once in a process."""
        limit_memory(megabytes)
        if isinstance(self.transport, ModelListener):
            self.transport.limit_memory(megabytes)

    def accepting(self) -> bool:
        """Whether every model was loaded or given up, at least one is ready, and no shutdown has begun."""
        return self._loaded and not self._going and any(m.session is not None for m in self.models.all())

    def announce(self) -> None:
        """Say that loading is over: the server's own health, and that of every model."""
        self._loaded = True
        for name in self.models.by_name:
            self._changed(name)

    def drain(self, grace: float = 20.0) -> bool:
        """Say NOT_SERVING, refuse new inference calls, finish those in flight, stop. Seconds; False when `grace` ran out."""
        end = time.monotonic() + grace
        told = self.health.close()
        time.sleep(min(SETTLE, grace))
        self._refuse()
        return self.transport.drain(told, end - time.monotonic())

    def stop(self) -> None:
        """Stop at once; calls in flight are cancelled."""
        self._refuse()
        self.health.close()
        self.transport.stop()

    def _changed(self, name: str) -> None:
        """Health after a change of a model's versions; nothing is told before loading is over or after the end has begun."""
        if not self._loaded or self._going:
            return
        if name in self.models.by_name:
            self.health.set(name, self.models.ready(name))
        else:
            self.health.forget(name)
        for service in ("", protocol.NAME):
            self.health.set(service, self.accepting())

    def _refuse(self) -> None:
        self._going = True
        self.transport.refuse()

"""Server: one gRPC endpoint over a set of models, from its start to a shutdown that loses no call."""

from __future__ import annotations

import logging
import time
from concurrent.futures import wait

import grpc

from ..errors import ServerError
from ..wire import service as protocol
from . import reflection
from .health import Health
from .models import Models
from .router import STREAMS, Calls, Router
from .service import Service

log = logging.getLogger(__name__)

MEGABYTE = 1 << 20

# How long a server that has said it is going still takes new calls: clients and balancers need a moment to hear of it, and
# calls that have arrived but have not been handed over yet are not lost.
SETTLE = 0.25
# How long open streams may hold up a server that has answered everything.
FLUSH = 1.0


class Server:
    """A gRPC server that is bound and answers from the moment it is made; models become ready one by one.

    host, port: where it listens; port 0 picks a free one, and `port` says which. workers: requests that are worked on at
    once. limit: requests that may wait, beyond which they are refused with RESOURCE_EXHAUSTED. max_message: megabytes.
    Raises ServerError where the port is taken.
    """

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, *, workers: int = 4, limit: int = 1000, max_message: int = 64
    ) -> None:
        self.models = Models()
        self.health = Health()
        self._loaded = False
        self._workers = Calls(workers, "worker")
        self._streams = Calls(STREAMS, "stream")
        self._router = Router(self._workers, self._streams, limit)
        self._router.handlers |= self.health.handlers() | reflection.handlers(self._streams)
        service = Service(self.models, self.accepting)
        for name, answer in service.methods().items():
            self._router.add_unary(name, answer)
        self._router.add_infer_stream(service.model_infer)
        options = [
            ("grpc.max_receive_message_length", max_message * MEGABYTE),
            ("grpc.max_send_message_length", -1),
            # Without it a second server on the same port starts happily, and each gets some of the calls.
            ("grpc.so_reuseport", 0),
        ]
        self._server = grpc.server(self._workers, handlers=[self._router], options=options)
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            self.port = self._server.add_insecure_port(address)
        except RuntimeError:
            hint = "another process has this port, or the address is not of this machine"
            raise ServerError("cannot listen", where=address, hint=hint) from None
        self.address = f"{address.rpartition(':')[0]}:{self.port}"
        self._server.start()

    def accepting(self) -> bool:
        """Whether every model was loaded or given up, at least one is ready, and no shutdown has begun."""
        return self._loaded and not self._router.draining and any(m.session is not None for m in self.models.all())

    def announce(self) -> None:
        """Say that loading is over: the server's own health, and that of every model."""
        self._loaded = True
        for name in self.models.by_name:
            self.health.set(name, self.models.ready(name))
        for service in ("", protocol.NAME):
            self.health.set(service, self.accepting())

    def drain(self, grace: float = 20.0) -> bool:
        """Say NOT_SERVING, refuse new inference calls, finish those in flight, stop. Seconds; False when `grace` ran out.

        `grpc.Server.stop` alone cancels calls that no thread has begun, so the workers' pool is emptied first.
        """
        end = time.monotonic() + grace
        told = self.health.close()
        time.sleep(min(SETTLE, grace))
        self._router.draining = True
        unfinished = wait([told, *self._workers.pending], timeout=max(0.0, end - time.monotonic())).not_done
        left = max(0.0, end - time.monotonic())
        self._server.stop(min(left, FLUSH) if self._streams.pending else left).wait()
        self._workers.shutdown(wait=False, cancel_futures=True)
        self._streams.shutdown(wait=False)
        return not unfinished

    def stop(self) -> None:
        """Stop at once; calls in flight are cancelled."""
        self._router.draining = True
        self.health.close()
        self._server.stop(None).wait()

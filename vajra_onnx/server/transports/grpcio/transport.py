"""A grpcio server around the service, from its start to an end that loses no call."""

from __future__ import annotations

import time
from concurrent.futures import Future, wait

import grpc

from ....errors import ServerError
from ...health import Health
from ...service import Service
from ..endpoint import Endpoint
from . import health as health_handlers
from . import reflection
from .arrivals import Arrivals
from .credentials import credentials
from .router import STREAMS, Calls, Router

MEGABYTE = 1 << 20
# How long open streams may hold up a server that has answered everything.
FLUSH = 1.0
# A call that has only arrived takes about 5 KB.
PENDING = 10_000


# The largest number that a setting of gRPC takes: it means never.
NEVER = (1 << 31) - 1


def _milliseconds(seconds: float) -> int:
    return int(1000 * seconds) or NEVER


class GrpcioTransport:
    """Bound and answering from the moment it is made; `port` says where. Raises ServerError where the port is taken."""

    def __init__(self, service: Service, health: Health, endpoint: Endpoint) -> None:
        self._workers = Calls(endpoint.workers, "worker")
        self._streams = Calls(STREAMS, "stream")
        self._arrivals = Arrivals()
        self._router = Router(service, self._arrivals, self._workers, self._streams, endpoint.limit)
        self._router.handlers |= health_handlers.handlers(health, self._arrivals) | reflection.handlers(self._streams)
        options = [
            ("grpc.max_receive_message_length", endpoint.max_message * MEGABYTE),
            ("grpc.server_handshake_timeout_ms", _milliseconds(endpoint.handshake)),
            ("grpc.keepalive_time_ms", _milliseconds(endpoint.keepalive)),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.max_connection_idle_ms", _milliseconds(endpoint.idle)),
            ("grpc.max_send_message_length", -1),
            # Without it a second server on the same port starts happily, and each gets some of the calls.
            ("grpc.so_reuseport", 0),
            # Calls that arrive faster than Python takes them wait here; beyond 1,000 of them grpcio's core would begin to cancel
            # any of them, by lot (grpc/grpc#34782): our own limit is the one that refuses, with a status that says so.
            ("grpc.server.max_pending_requests", PENDING),
            ("grpc.server.max_pending_requests_hard_limit", 2 * PENDING),
        ]
        self._server = grpc.server(self._workers, handlers=[self._router], options=options)
        secret = None if endpoint.tls is None else credentials(endpoint.tls)
        try:
            if secret is None:
                self.port = self._server.add_insecure_port(endpoint.address)
            else:
                self.port = self._server.add_secure_port(endpoint.address, secret)
        except RuntimeError:
            hint = "another process has this port, or the address is not of this machine"
            raise ServerError("cannot listen", where=endpoint.address, hint=hint) from None
        self._server.start()

    def refuse(self) -> None:
        """New inference calls are refused from now on, with UNAVAILABLE."""
        self._router.draining = True

    def drain(self, told: Future[None], grace: float) -> bool:
        """Finish what was accepted and the telling of `told`, stop; False when `grace`, in seconds, ran out.

        `grpc.Server.stop` alone cancels calls that no thread has begun, so the workers' pool is emptied first.
        """
        end = time.monotonic() + grace
        unfinished = wait([told, *self._workers.pending], timeout=max(0.0, grace)).not_done
        left = max(0.0, end - time.monotonic())
        self._server.stop(min(left, FLUSH) if self._streams.pending else left).wait()
        self._arrivals.close()
        self._workers.shutdown(wait=False, cancel_futures=True)
        self._streams.shutdown(wait=False)
        return not unfinished

    def stop(self) -> None:
        """Stop at once; calls in flight are cancelled."""
        self._arrivals.close()
        self._server.stop(None).wait()

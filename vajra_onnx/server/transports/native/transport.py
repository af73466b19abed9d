"""The native server around the service, and the models that it runs itself."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, wait

import vajra_onnx_native

from ....errors import ServerError
from ....runtime.onnxruntime import library
from ....runtime.session import Session
from ...health import Health, State
from ...journal import Entry, wants_all, write
from ...models import Model
from ...polling import Poller
from ...service import Service
from ...settings import cores
from ...status import Code
from ...watched import SECONDS
from ..endpoint import Endpoint
from .dispatch import Dispatch
from .tally import NANOSECONDS, Tally

MEGABYTE = 1 << 20
# Threads that ask Python, all of them started at once; other requests wait in a queue of `limit`.
DISPATCHERS = 32


class NativeTransport:
    """Bound and answering from the moment it is made; `port` says where. Raises ServerError where the port is taken, or
    for a certificate that cannot be used.

    A ModelListener: models that it is given run natively. A model that needs what only the Python service has (an execution
    provider, memory that is given back) is left to it, as is every request that is not plainly right, and every
    caller of whom it has not said yet what they may.
    """

    def __init__(self, service: Service, health: Health, endpoint: Endpoint) -> None:
        self._handles: dict[Model, vajra_onnx_native.Handle] = {}
        self._certificates = None if endpoint.tls is None else endpoint.tls.watch(lambda pems: vajra_onnx_native.Tls(*pems))
        self._tls = self._certificates and self._certificates.get()
        try:
            self._server = vajra_onnx_native.Server(
                endpoint.host,
                endpoint.port,
                Dispatch(service, health),
                str(library()),
                guarded=service.access.guarded,
                tls=self._tls,
                handshake=endpoint.handshake,
                keepalive=endpoint.keepalive,
                idle=endpoint.idle,
                max_message=endpoint.max_message * MEGABYTE,
                waiting=endpoint.limit,
                reactors=cores(),
                workers=cores(),
                dispatchers=min(endpoint.workers, DISPATCHERS),
            )
        except OSError:
            hint = "another process has this port, or the address is not of this machine"
            raise ServerError("cannot listen", where=endpoint.address, hint=hint) from None
        self.port = self._server.port
        self._access = service.access
        self._look()
        self._poller = Poller(self._look, SECONDS / 2, "tokens and certificates")
        self._scribe = threading.Thread(target=self._write, name="journal", daemon=True)
        self._scribe.start()
        health.mirror(self._tell)

    def limit_memory(self, megabytes: int) -> None:
        """Bound the executions of all models that will come, together; what would need more is left to Python's sessions."""
        self._server.limit_memory(megabytes * MEGABYTE)

    def add(self, model: Model, session: Session, data: bytes) -> None:
        """Run a model natively from now on."""
        settings = model.settings
        if settings.providers != ("CPUExecutionProvider",) or settings.shrink or not settings.arena:
            return
        handle = self._server.add_model(
            model.name,
            str(model.version),
            data,
            session.schema.to_json(),
            NANOSECONDS,
            folder=str(model.path.parent.resolve()),
            threads=settings.threads,
            max_batch=settings.max_batch_size if session.rows_independent else 1,
            max_delay=settings.max_delay / 1000,
            concurrency=settings.concurrency,
            queue=settings.queue_limit,
            queue_timeout=settings.queue_timeout,
            max_rows=settings.max_rows,
        )
        model.counts.follow(Tally(handle, model.counts).bring)
        self._handles[model] = handle

    def remove(self, model: Model) -> None:
        """Leave a model to what it has accepted."""
        handle = self._handles.pop(model, None)
        if handle is not None:
            self._server.remove_model(handle)

    def refuse(self) -> None:
        """New inference calls are refused from now on, with UNAVAILABLE."""
        self._server.refuse()

    def drain(self, told: Future[None], grace: float) -> bool:
        """Finish what was accepted and the telling of `told`, stop; False when `grace`, in seconds, ran out."""
        end = time.monotonic() + grace
        wait([told], timeout=max(0.0, grace))
        finished: bool = self._server.drain(max(0.0, end - time.monotonic()))
        self._end()
        return finished and told.done()

    def stop(self) -> None:
        """Stop at once; calls in flight are cancelled."""
        self._server.stop()
        self._end()

    def _end(self) -> None:
        self._poller.stop()
        self._scribe.join(5)

    def _look(self) -> None:
        """At what may have changed, as often as those do who look at every call."""
        self._server.looked(self._access.look())
        if self._certificates is not None:
            self._certificates.look()
            tls = self._certificates.get()
            if tls is not self._tls:
                self._tls = tls
                self._server.set_tls(tls)
        self._server.want_records(wants_all())

    def _write(self) -> None:
        """Note what was answered natively, until the server has stopped."""
        while (records := self._server.records()) is not None:
            for method, model, code, seconds, identity, caller, ended in records:
                write(Entry(method, model, Code(code), seconds, identity, caller, ended))

    def _tell(self, service: str | None, state: State) -> None:
        if service is None:
            self._server.end_watches()
        elif state is State.UNKNOWN:
            self._server.remove_service(service)
        else:
            self._server.set_serving(service, state is State.SERVING)

"""The native server around the service, and the models that it runs itself."""

from __future__ import annotations

import time
from concurrent.futures import Future, wait

import vajra_onnx_native

from ....errors import ServerError
from ....runtime.onnxruntime import library
from ....runtime.session import Session
from ...health import Health, State
from ...models import Model
from ...service import Service
from ...settings import cores
from ..endpoint import Endpoint
from .dispatch import Dispatch
from .tally import Tally

MEGABYTE = 1 << 20
# Threads that ask Python, all of them started at once; other requests wait in a queue of `limit`.
DISPATCHERS = 32


class NativeTransport:
    """Bound and answering from the moment it is made; `port` says where. Raises ServerError where the port is taken.

    A ModelListener: models that it is given run natively. A model that needs what only the Python service has (an execution
    provider, memory that is given back, a limit of rows) is left to it, as is every request that is not plainly right.
    """

    def __init__(self, service: Service, health: Health, endpoint: Endpoint) -> None:
        self._handles: dict[Model, vajra_onnx_native.Handle] = {}
        try:
            self._server = vajra_onnx_native.Server(
                endpoint.host,
                endpoint.port,
                Dispatch(service, health),
                str(library()),
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
        health.mirror(self._tell)

    def limit_memory(self, megabytes: int) -> None:
        """Bound the executions of all models that will come, together; what would need more is left to Python's sessions."""
        self._server.limit_memory(megabytes * MEGABYTE)

    def add(self, model: Model, session: Session, data: bytes) -> None:
        """Run a model natively from now on."""
        settings = model.settings
        if settings.providers != ("CPUExecutionProvider",) or settings.shrink or not settings.arena or settings.max_rows:
            return
        handle = self._server.add_model(
            model.name,
            str(model.version),
            data,
            session.schema.to_json(),
            folder=str(model.path.parent.resolve()),
            threads=settings.threads,
            max_batch=settings.max_batch_size if session.rows_independent else 1,
            max_delay=settings.max_delay / 1000,
            concurrency=settings.concurrency,
            queue=settings.queue_limit,
            queue_timeout=settings.queue_timeout,
        )
        model.counts.follow(Tally(handle.statistics, model.counts).bring)
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
        return finished and told.done()

    def stop(self) -> None:
        """Stop at once; calls in flight are cancelled."""
        self._server.stop()

    def _tell(self, service: str | None, state: State) -> None:
        if service is None:
            self._server.end_watches()
        elif state is State.UNKNOWN:
            self._server.remove_service(service)
        else:
            self._server.set_serving(service, state is State.SERVING)

"""grpc.health.v1: the states of the server ("") and of every model by its name, and who watches them.

A watcher costs no thread. Every message to a watcher is sent from one thread, in order, so a watcher that does not read can
delay other watchers but neither Check nor the server.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from enum import IntEnum

SERVICE = "grpc.health.v1.Health"


class State(IntEnum):
    """With the numbers of grpc.health.v1."""

    SERVING = 1
    NOT_SERVING = 2
    UNKNOWN = 3


# Takes a watcher's next state; None ends the watch.
Send = Callable[[State | None], None]
# Takes a service and its next state; None for the service ends every watch.
Mirror = Callable[[str | None, State], None]


class Health:
    """The states, and who watches them."""

    def __init__(self) -> None:
        self._states = {"": State.NOT_SERVING}
        self._watchers: dict[Send, str] = {}  # only the sender's thread touches it
        self._mirrors: list[Mirror] = []
        self._sender = ThreadPoolExecutor(1, "health")

    def set(self, service: str, serving: bool) -> None:
        """Change a state, and tell its watchers when it is new."""
        self._change(service, State.SERVING if serving else State.NOT_SERVING)

    def forget(self, service: str) -> None:
        """A model that is gone: its state is unknown."""
        if self._states.pop(service, None) is not None:
            self._sender.submit(self._tell, service, State.UNKNOWN)

    def of(self, service: str) -> State:
        """The state now; UNKNOWN for a service that nobody has heard of."""
        return self._states.get(service, State.UNKNOWN)

    def watch(self, service: str, send: Send) -> Callable[[], None]:
        """Send the state now and every change; the function that is returned ends the watch."""
        self._sender.submit(self._begin, service, send)
        return lambda: _nothing(self._sender.submit(self._watchers.pop, send, ""))

    def mirror(self, tell: Mirror) -> None:
        """Tell every state, now and whenever one changes: for a transport that answers Check and Watch itself."""
        self._sender.submit(self._begin_mirror, tell)

    def close(self) -> Future[None]:
        """NOT_SERVING for everything, then the end of every watch."""
        for service in list(self._states):
            self.set(service, False)
        return self._sender.submit(self._end_all)

    def _change(self, service: str, state: State) -> None:
        if self._states.get(service) is not state:
            self._states[service] = state
            self._sender.submit(self._tell, service, state)

    def _begin(self, service: str, send: Send) -> None:
        self._watchers[send] = service
        send(self.of(service))

    def _begin_mirror(self, tell: Mirror) -> None:
        self._mirrors.append(tell)
        for service, state in list(self._states.items()):
            tell(service, state)

    def _tell(self, service: str, state: State) -> None:
        for tell in self._mirrors:
            tell(service, state)
        for send in [send for send, name in self._watchers.items() if name == service]:
            send(state)

    def _end_all(self) -> None:
        for send in list(self._watchers):
            send(None)
        for tell in self._mirrors:
            tell(None, State.NOT_SERVING)


def _nothing(_: object) -> None:
    """A callback's result that nobody needs."""

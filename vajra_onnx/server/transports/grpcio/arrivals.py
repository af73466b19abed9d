"""Messages that have to arrive: a call that begins and does not go on is ended after a while.

grpcio waits for the message of a unary call in a thread of its pool, however long it takes: as many such calls as threads would
stop the server. Methods therefore take their one message from a stream, whose call can be ended while it waits.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import grpc

# A message of 64 MB needs as long at 17 Mbit/s.
SECONDS = 30.0
LOOK = 1.0


class Arrivals:
    """Waits for messages, from any thread; ends calls whose message does not come within `SECONDS`."""

    def __init__(self) -> None:
        self._waiting: dict[grpc.ServicerContext, float] = {}  # and since when: the oldest first
        self._over = threading.Event()
        threading.Thread(target=self._watch, name="arrivals", daemon=True).start()

    def only(self, messages: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        """The one message of a call. Raises what grpcio expects where the call ends without one."""
        self._waiting[context] = time.monotonic()
        try:
            message = next(messages, None)
        finally:
            del self._waiting[context]
        if message is None:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "expected one message, got none")
        return message

    def close(self) -> None:
        """End no more calls."""
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(LOOK):
            late = time.monotonic() - SECONDS
            for context, begun in list(self._waiting.items()):
                if begun > late:
                    break
                context.cancel()  # type: ignore[no-untyped-call]

"""What is said on the wire: the Open Inference Protocol over gRPC, and rows and answers as JSON over HTTP/1.1."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import grpc
import numpy as np

from vajra_onnx.wire import codec
from vajra_onnx.wire.service import METHODS
from vajra_onnx.wire.stubs.open_inference_pb2 import ModelInferResponse

Answers = dict[str, np.ndarray]


class Wire(Protocol):
    """How a model of a server is asked. headers and options: for h2load."""

    headers: tuple[str, ...]

    def options(self, in_flight: int) -> list[str]:
        """h2load's connections and streams for so many requests in flight."""

    def url(self, address: str, model: str) -> str:
        """Where the model is asked."""

    def body(self, model: str, rows: np.ndarray) -> bytes:
        """The bytes of a request."""

    def ask(self, address: str, model: str, rows: np.ndarray) -> bytes:
        """The bytes of the reply. Raises OSError or grpc.RpcError when none comes."""

    def answers(self, reply: bytes) -> Answers:
        """What the reply says, by output name."""


class Inference:
    """ModelInfer, with raw contents. outputs: those to ask for; none for what the server gives. ca: the authority of a server
    with TLS. token: of its bearer."""

    def __init__(self, outputs: Iterable[str] = (), ca: Path | None = None, token: str | None = None) -> None:
        self._outputs, self._ca, self._token, self._method = outputs, ca, token, METHODS["ModelInfer"].path
        bearer = (f"authorization: Bearer {token}",) if token else ()
        self.headers = ("content-type: application/grpc", "te: trailers", *bearer)

    def options(self, in_flight: int) -> list[str]:
        connections = 1 if in_flight < 8 else 4
        return [f"-c{connections}", f"-m{in_flight // connections}"]

    def url(self, address: str, model: str) -> str:
        return f"{'https' if self._ca else 'http'}://{address}{self._method}"

    def body(self, model: str, rows: np.ndarray) -> bytes:
        return _framed(codec.infer_request(model, {"X": rows}, self._outputs).SerializeToString())

    def ask(self, address: str, model: str, rows: np.ndarray) -> bytes:
        metadata = (("authorization", f"Bearer {self._token}"),) if self._token else ()
        # Channels share connections, and the wait after one that was refused, unless they are told not to.
        with self._channel(address, [("grpc.use_local_subchannel_pool", 1)]) as channel:
            return _framed(channel.unary_unary(self._method)(self.body(model, rows)[5:], timeout=5, metadata=metadata))

    def answers(self, reply: bytes) -> Answers:
        return codec.read_outputs(ModelInferResponse.FromString(reply[5:]))

    def _channel(self, address: str, options: list[tuple[str, int]]) -> grpc.Channel:
        if self._ca is None:
            return grpc.insecure_channel(address, options)
        return grpc.secure_channel(address, grpc.ssl_channel_credentials(self._ca.read_bytes()), options)


class Json:
    """POST /MODEL with {"rows": [[...], ...]}; the reply is {"output": [...], ...}."""

    headers = ("content-type: application/json",)

    def options(self, in_flight: int) -> list[str]:
        return ["--h1", f"-c{in_flight}", "-m1"]

    def url(self, address: str, model: str) -> str:
        return f"http://{address}/{model}"

    def body(self, model: str, rows: np.ndarray) -> bytes:
        return json.dumps({"rows": rows.tolist()}).encode()

    def ask(self, address: str, model: str, rows: np.ndarray) -> bytes:
        connection = http.client.HTTPConnection(address, timeout=5)
        try:
            connection.request("POST", f"/{model}", self.body(model, rows), dict(h.split(": ") for h in self.headers))
            reply = connection.getresponse()
            content = reply.read()
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()
        if reply.status != 200:
            raise ConnectionError(f"{reply.status}: {content[:200]!r}")
        return content

    def answers(self, reply: bytes) -> Answers:
        return {name: np.array(values) for name, values in json.loads(reply).items()}


def _framed(message: bytes) -> bytes:
    return b"\0" + len(message).to_bytes(4, "big") + message

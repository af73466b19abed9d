"""KServe's model server with ONNX Runtime in a custom model; without logging of requests."""

# /// script
# dependencies = ["kserve", "onnxruntime"]
# [tool.benchmark]
# name = "KServe, ONNX Runtime"
# wire = "inference"
# ///

import logging
import sys
from pathlib import Path

import grpc
import kserve
import uvicorn
from kserve.protocol.rest import server as rest
from servers.onnx import MODELS, Model
from servers.ports import free_port


class Served(kserve.Model):
    """One model."""

    def load(self) -> bool:
        """Once, at the start."""
        self.model = Model(Path(sys.argv[1]), self.name)
        self.ready = True
        return True

    async def predict(self, payload: kserve.InferRequest, headers=None, response_headers=None) -> kserve.InferResponse:
        """Decode, run, encode."""
        outputs = []
        for (name, values), datatype in zip(
            self.model.run(payload.inputs[0].as_numpy()).items(), self.model.datatypes, strict=True
        ):
            outputs.append(kserve.InferOutput(name, list(values.shape), datatype))
            outputs[-1].set_data_from_numpy(values)
        return kserve.InferResponse(payload.id, self.name, outputs)


def stay_on_loopback() -> None:
    """KServe listens on every interface, and no option changes that."""
    listen, config = grpc.aio.Server.add_insecure_port, uvicorn.Config
    grpc.aio.Server.add_insecure_port = lambda self, address: listen(self, address.replace("[::]", "127.0.0.1"))
    rest.uvicorn.Config = lambda app, **options: config(app, **{**options, "host": "127.0.0.1"})


if __name__ == "__main__":
    stay_on_loopback()
    models = [Served(name) for name in MODELS]
    for each in models:
        each.load()
    server = kserve.ModelServer(http_port=free_port(), grpc_port=int(sys.argv[2]), enable_latency_logging=False)
    logging.getLogger("kserve").setLevel(logging.WARNING)
    server.start(models)

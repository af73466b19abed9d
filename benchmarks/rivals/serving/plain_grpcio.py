"""gRPC as a careful user writes it by hand: grpcio's thread pool, protobuf, a session per model. The reference: ratio 1."""

# /// script
# [tool.benchmark]
# name = "grpcio, plain"
# wire = "inference"
# ///

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import numpy as np
from servers.onnx import MODELS, Model

from vajra_onnx.wire.service import METHODS, NAME
from vajra_onnx.wire.stubs import open_inference_pb2 as pb

WORKERS = 8
DATATYPES = {np.dtype(np.int64): "INT64", np.dtype(np.float32): "FP32", np.dtype(np.float64): "FP64"}


class Servicer:
    """ModelInfer for float32 rows."""

    def __init__(self, folder: Path) -> None:
        self._models = {name: Model(folder, name) for name in MODELS}

    def infer(self, request: pb.ModelInferRequest, context: grpc.ServicerContext) -> pb.ModelInferResponse:
        """Decode, run, encode."""
        model = self._models.get(request.model_name)
        if model is None:
            context.abort(grpc.StatusCode.NOT_FOUND, f"no model {request.model_name!r}")
        if len(request.inputs) != 1 or len(request.raw_input_contents) != 1 or request.inputs[0].datatype != "FP32":
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "expected one raw input of FP32")
        rows = np.frombuffer(request.raw_input_contents[0], np.float32).reshape(request.inputs[0].shape)
        response = pb.ModelInferResponse(model_name=request.model_name, id=request.id)
        for name, values in model.run(rows).items():
            response.outputs.add(name=name, datatype=DATATYPES[values.dtype], shape=values.shape)
            response.raw_output_contents.append(values.tobytes())
        return response


def serve(folder: Path, port: int) -> None:
    """Until the process is ended."""
    method = METHODS["ModelInfer"]
    handler = grpc.unary_unary_rpc_method_handler(
        Servicer(folder).infer, method.request.FromString, method.response.SerializeToString
    )
    server = grpc.server(ThreadPoolExecutor(WORKERS))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(NAME, {"ModelInfer": handler}),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))

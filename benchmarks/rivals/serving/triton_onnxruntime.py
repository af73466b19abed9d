"""Triton through nvidia-pytriton: its Python back end with ONNX Runtime, batching what waits, as pytriton does by default.

The interpreter inside Triton's back end is older than 3.11.6, whose library it cannot run (RLock._recursion_count).
"""

# /// script
# requires-python = "==3.11.*,<3.11.6"
# dependencies = ["nvidia-pytriton", "onnxruntime"]
# [tool.benchmark]
# name = "Triton, ONNX Runtime"
# wire = "inference"
# ///

import sys
from pathlib import Path

import numpy as np
from pytriton.decorators import batch
from pytriton.model_config import ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig
from servers.onnx import MODELS, Model
from servers.ports import free_port


def bound(model: Model):
    """What pytriton calls: every answer with a second dimension, which Triton describes without the first."""

    @batch
    def infer(X: np.ndarray) -> dict[str, np.ndarray]:
        return {name: values.reshape(len(X), -1) for name, values in model.run(X).items()}

    return infer


def main() -> None:
    """Until the process is ended."""
    local = {f"{kind}_address": "127.0.0.1" for kind in ("http", "grpc", "metrics")}
    config = TritonConfig(grpc_port=int(sys.argv[2]), http_port=free_port(), metrics_port=free_port(), **local)
    with Triton(config=config) as triton:
        for name in MODELS:
            model = Model(Path(sys.argv[1]), name)
            answers = model.run(np.zeros((1, 30), np.float32))
            triton.bind(
                model_name=name,
                infer_func=bound(model),
                inputs=[Tensor(name="X", dtype=np.float32, shape=(30,))],
                outputs=[Tensor(name=n, dtype=values.dtype, shape=values.shape[1:] or (1,)) for n, values in answers.items()],
                config=ModelConfig(max_batch_size=64),
            )
        triton.serve()


if __name__ == "__main__":
    main()

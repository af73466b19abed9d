"""MLServer with ONNX Runtime in a runtime of one's own, without worker processes: on one core they only cost."""

# /// script
# dependencies = ["mlserver", "onnxruntime"]
# [tool.benchmark]
# name = "MLServer, ONNX Runtime"
# wire = "inference"
# ///

import asyncio
import sys
from pathlib import Path

from mlserver import MLModel, MLServer, ModelSettings, Settings
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse
from servers.onnx import MODELS, Model
from servers.ports import free_port


class Runtime(MLModel):
    """One model."""

    async def load(self) -> bool:
        """Once, at the start."""
        self.model = Model(Path(sys.argv[1]), self.name)
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Decode, run, encode."""
        answers = self.model.run(NumpyCodec.decode_input(payload.inputs[0]))
        outputs = [NumpyCodec.encode_output(name, values) for name, values in answers.items()]
        return InferenceResponse(model_name=self.name, outputs=outputs)


async def serve() -> None:
    """Until the process is ended."""
    settings = Settings(
        host="127.0.0.1",
        http_port=free_port(),
        grpc_port=int(sys.argv[2]),
        metrics_endpoint=None,
        parallel_workers=0,
        debug=False,
        load_models_at_startup=False,
    )
    await MLServer(settings).start([ModelSettings(name=name, implementation=Runtime) for name in MODELS])


if __name__ == "__main__":
    asyncio.run(serve())

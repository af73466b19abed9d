"""MLServer with its own runtime of scikit-learn, without worker processes."""

# /// script
# dependencies = ["mlserver", "mlserver-sklearn"]
# [tool.benchmark]
# name = "MLServer, scikit-learn"
# wire = "inference"
# models = ["logistic"]
# outputs = ["predict", "predict_proba"]
# ///

import asyncio
import sys
import tempfile
from pathlib import Path

import joblib
from mlserver import MLServer, ModelSettings, Settings
from mlserver.settings import ModelParameters
from mlserver_sklearn import SKLearnModel
from servers.ports import free_port
from servers.sklearn import logistic


async def serve(path: Path) -> None:
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
    parameters = ModelParameters(uri=str(path))
    await MLServer(settings).start([ModelSettings(name="logistic", implementation=SKLearnModel, parameters=parameters)])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.joblib"
        joblib.dump(logistic(Path(sys.argv[1])), model)
        asyncio.run(serve(model))

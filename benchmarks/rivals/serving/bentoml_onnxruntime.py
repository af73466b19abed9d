"""BentoML with ONNX Runtime, one worker, without its log of requests and its metrics; JSON."""

# /// script
# dependencies = ["bentoml", "onnxruntime"]
# [tool.benchmark]
# name = "BentoML, ONNX Runtime"
# wire = "json"
# ///

import os
import sys
from pathlib import Path

import bentoml
from servers.onnx import Model

FOLDER = "BENCHMARK_MODELS"


@bentoml.service(workers=1, logging={"access": {"enabled": False}}, metrics={"enabled": False})
class Served:
    """Both models."""

    def __init__(self) -> None:
        folder = Path(os.environ[FOLDER])
        self._logistic, self._xgboost = Model(folder, "logistic"), Model(folder, "xgboost")

    @bentoml.api(route="/logistic")
    async def logistic(self, rows: list[list[float]]) -> dict[str, list]:
        """The answers."""
        return self._logistic.run_lists(rows)

    @bentoml.api(route="/xgboost")
    async def xgboost(self, rows: list[list[float]]) -> dict[str, list]:
        """The answers."""
        return self._xgboost.run_lists(rows)


if __name__ == "__main__":
    os.environ[FOLDER] = sys.argv[1]
    place, service = Path(__file__).parent, f"{Path(__file__).stem}:Served"
    command = ["serve", service, "--working-dir", str(place), "--host", "127.0.0.1", "--port", sys.argv[2]]
    os.execv(sys.executable, [sys.executable, "-m", "bentoml", *command])

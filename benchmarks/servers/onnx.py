"""A model as every rival with ONNX Runtime runs it: one thread, all outputs. Rivals run in environments of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime

MODELS = ("logistic", "xgboost")
DATATYPES = {"tensor(int64)": "INT64", "tensor(float)": "FP32", "tensor(double)": "FP64"}


class Model:
    """FOLDER/NAME/1/model.onnx. outputs: their names; datatypes: theirs in the Open Inference Protocol."""

    def __init__(self, folder: Path, name: str) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        path = folder / name / "1" / "model.onnx"
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.outputs = [output.name for output in self._session.get_outputs()]
        self.datatypes = [DATATYPES[output.type] for output in self._session.get_outputs()]

    def run(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """The answers to rows [N, 30] by output name."""
        return dict(zip(self.outputs, self._session.run(self.outputs, {"X": rows}), strict=True))

    def run_lists(self, rows: list[list[float]]) -> dict[str, list]:
        """The same from lists to lists, as JSON has them."""
        return {name: values.tolist() for name, values in self.run(np.array(rows, np.float32)).items()}

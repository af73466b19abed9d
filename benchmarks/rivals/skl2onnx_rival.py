"""skl2onnx with hand-written types, and the feeds that every tutorial makes by hand.

It converts no DataFrame pipeline out of the box; here it gets every help: float32 columns (or double, where the caller asks),
the text imputer (which it cannot convert) taken out, because the measured rows miss nothing, a registered XGBoost converter,
ZipMap off. Whether its answers are right is counted by the runner, not assumed.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np


def prepare(pipeline: Any, features: Any, folder: Path) -> None:
    (folder / "skl2onnx.onnx").write_bytes(graph(pipeline, features).SerializeToString())


def graph(pipeline: Any, data: Any, options: Mapping[str, Any] | None = None, wide: bool = False) -> Any:
    """The ModelProto. data: a DataFrame (an input per column) or an array (one input X). wide: double instead of float."""
    from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
    from skl2onnx import convert_sklearn, update_registered_converter
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, StringTensorType
    from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
    from xgboost import XGBClassifier

    update_registered_converter(
        XGBClassifier,
        "XGBoostXGBClassifier",
        calculate_linear_classifier_output_shapes,
        convert_xgboost,
        options={"nocl": [True, False], "zipmap": [True, False, "columns"]},
    )
    number = DoubleTensorType if wide else FloatTensorType
    if isinstance(data, np.ndarray):
        types = [("X", number([None, data.shape[1]]))]
    else:
        types = [(n, (number if data[n].dtype.kind in "iuf" else StringTensorType)([None, 1])) for n in data.columns]
    pipeline = without_text_imputer(pipeline)
    last = pipeline.steps[-1][1] if hasattr(pipeline, "steps") else pipeline
    chosen = {**({"zipmap": False} if hasattr(last, "predict_proba") else {}), **(options or {})}
    versions = {"": 18, "ai.onnx.ml": 3}
    return convert_sklearn(pipeline, initial_types=types, options={id(last): chosen} if chosen else None, target_opset=versions)


def without_text_imputer(pipeline: Any) -> Any:
    """A copy whose text branch is the encoder alone."""
    pipeline = copy.deepcopy(pipeline)
    columns = pipeline.steps[0][1] if hasattr(pipeline, "steps") else None
    if hasattr(columns, "transformers_"):
        columns.transformers_ = [(name, p[1:] if name == "texts" else p, names) for name, p, names in columns.transformers_]
    return pipeline


def load(folder: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(folder / "skl2onnx.onnx"), options, providers=["CPUExecutionProvider"])


def feeds(rows: Any, wide: bool = False) -> dict[str, np.ndarray]:
    """The arrays of a DataFrame or array, as tutorials make them."""
    number = np.float64 if wide else np.float32
    if isinstance(rows, np.ndarray):
        return {"X": rows.astype(number)}
    columns = {name: rows[name].to_numpy() for name in rows.columns}
    return {n: v.astype(number if v.dtype.kind in "iuf" else object).reshape(-1, 1) for n, v in columns.items()}


def run(session: Any, rows: Any) -> Any:
    return session.run(None, feeds(rows))


def one(session: Any, rows: Any, row: dict[str, Any]) -> Any:
    feeds = {name: np.array([[value]], dtype=object if isinstance(value, str) else np.float32) for name, value in row.items()}
    return session.run(None, feeds)

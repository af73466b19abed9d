"""skl2onnx with hand-written types, and the feeds that every tutorial makes by hand.

It converts no DataFrame pipeline out of the box; here it gets every help: float32 columns, the text imputer (which it cannot
convert) taken out, because the measured rows miss nothing, a registered XGBoost converter, ZipMap off. Whether its answers are
right is counted by the runner, not assumed.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np


def prepare(pipeline: Any, features: Any, folder: Path) -> None:
    from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
    from skl2onnx import convert_sklearn, update_registered_converter
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
    from xgboost import XGBClassifier

    update_registered_converter(
        XGBClassifier,
        "XGBoostXGBClassifier",
        calculate_linear_classifier_output_shapes,
        convert_xgboost,
        options={"nocl": [True, False], "zipmap": [True, False, "columns"]},
    )
    types = [
        (name, FloatTensorType([None, 1]) if features[name].dtype.kind in "iuf" else StringTensorType([None, 1]))
        for name in features.columns
    ]
    pipeline = without_text_imputer(pipeline)
    options = {id(pipeline.steps[-1][1]): {"zipmap": False}}
    model = convert_sklearn(pipeline, initial_types=types, options=options, target_opset={"": 18, "ai.onnx.ml": 3})
    (folder / "skl2onnx.onnx").write_bytes(model.SerializeToString())


def without_text_imputer(pipeline: Any) -> Any:
    """A copy whose text branch is the encoder alone."""
    pipeline = copy.deepcopy(pipeline)
    columns = pipeline.steps[0][1]
    columns.transformers_ = [(name, part[1:] if name == "texts" else part, names) for name, part, names in columns.transformers_]
    return pipeline


def load(folder: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(folder / "skl2onnx.onnx"), options, providers=["CPUExecutionProvider"])


def run(session: Any, rows: Any) -> Any:
    feeds = {}
    for name in rows.columns:
        values = rows[name].to_numpy()
        feeds[name] = values.astype(np.float32 if values.dtype.kind in "iuf" else object).reshape(-1, 1)
    return session.run(None, feeds)


def one(session: Any, rows: Any, row: dict[str, Any]) -> Any:
    feeds = {name: np.array([[value]], dtype=object if isinstance(value, str) else np.float32) for name, value in row.items()}
    return session.run(None, feeds)

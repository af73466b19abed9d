"""The one place that imports onnxruntime, with its telemetry off: recent official builds send it by default."""

from __future__ import annotations

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from onnxruntime import GraphOptimizationLevel, InferenceSession, SessionOptions
from onnxruntime.capi import onnxruntime_pybind11_state as errors

__all__ = ["GraphOptimizationLevel", "InferenceSession", "SessionOptions", "errors"]

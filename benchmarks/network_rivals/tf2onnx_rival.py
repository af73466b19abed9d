"""tf2onnx, by way of a SavedModel: its most robust route. In a process of its own, which may not take more than so much memory.

    python benchmarks/network_rivals/tf2onnx_rival.py MODEL.keras OUT.onnx MEMORY_IN_GB

Prints the seconds of the processor from the loaded model to the written graph, and the peak of memory above the loaded model.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from memory import Peak

OPSET = 18


def main(model: str, out: str, memory: str) -> None:
    limit = int(float(memory) * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    import keras
    import tensorflow  # noqa: F401
    import tf2onnx.convert  # noqa: F401

    loaded = keras.saving.load_model(model, compile=False)
    peak, start = Peak(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        loaded.export(folder, verbose=False)
        convert(Path(folder), Path(out))
    print(json.dumps({"seconds": time.process_time() - start, "bytes": peak.bytes}))


def convert(folder: Path, out: Path) -> None:
    """The command line of tf2onnx, called in this process."""
    from tf2onnx import convert

    arguments = sys.argv
    sys.argv = ["tf2onnx", "--saved-model", str(folder), "--output", str(out), "--opset", str(OPSET), "--tag", "serve"]
    try:
        convert.main()
    finally:
        sys.argv = arguments


if __name__ == "__main__":
    main(*sys.argv[1:])

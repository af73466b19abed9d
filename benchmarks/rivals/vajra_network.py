"""vajra-onnx on a Keras model: the conversion, proved or not, in a process of its own.

    python benchmarks/rivals/vajra_network.py MODEL.keras OUT.onnx [prove]

Prints the seconds from the loaded model to the written graph, and the peak of memory above the loaded model.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path


def main(model: str, out: str, prove: str = "") -> None:
    import keras
    import numpy as np
    import tensorflow  # noqa: F401

    import vajra_onnx as vo

    loaded = keras.saving.load_model(model, compile=False)
    sample = np.random.default_rng(0).normal(size=(4, *loaded.input_shape[1:])).astype(np.float32)
    small = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    vo.convert(
        small, np.zeros((2, 2), np.float32), prove=bool(prove), force=True
    )  # what Python imports is no part of a conversion
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    start = time.perf_counter()
    artifact = vo.convert(loaded, sample, prove=bool(prove), force=True)
    Path(out).write_bytes(artifact.model.SerializeToString())
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "bytes": peak - before, "passed": artifact.certificate.passed}))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""vajra-onnx on a Keras model: the conversion, proved or not, in a process of its own.

    python benchmarks/network_rivals/vajra_network.py MODEL.keras SAMPLE.npz OUT.onnx [prove]

Prints the seconds of the processor from the loaded model to its graph, and the peak of memory above the loaded model.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from memory import Peak


def main(model: str, sample: str, out: str, prove: str = "") -> None:
    import keras
    import numpy as np
    import tensorflow  # noqa: F401

    import vajra_onnx as vo

    loaded = keras.saving.load_model(model, compile=False)
    rows = dict(np.load(sample))
    toy = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    vo.convert(toy, np.zeros((2, 2), np.float32), prove=bool(prove), force=True)  # imports are no part of a conversion
    peak, start = Peak(), time.process_time()
    artifact = vo.convert(loaded, rows, prove=bool(prove), force=True)
    seconds = time.process_time() - start
    most = peak.bytes
    Path(out).write_bytes(artifact.model.SerializeToString())
    print(json.dumps({"seconds": seconds, "bytes": most, "passed": artifact.certificate.passed}))


if __name__ == "__main__":
    main(*sys.argv[1:])

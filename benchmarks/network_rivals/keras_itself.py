"""Keras itself: one row of a model, in a process of its own.

    python benchmarks/network_rivals/keras_itself.py MODEL.keras SAMPLE.npz

Prints the peak of memory above the loaded model: what nobody who asks the model can do without.
"""

from __future__ import annotations

import json
import sys

from memory import Peak


def main(model: str, sample: str) -> None:
    import keras
    import numpy as np

    loaded = keras.saving.load_model(model, compile=False)
    rows = {name: tensor(array[:1]) for name, array in np.load(sample).items()}
    toy = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    toy(np.zeros((1, 2), np.float32))  # what the first call of all takes is no part of this one
    peak = Peak()
    loaded(rows if len(rows) > 1 else next(iter(rows.values())), training=False)
    print(json.dumps({"bytes": peak.bytes}))


def tensor(array: object) -> object:
    import numpy as np
    import tensorflow as tf

    return tf.constant(array.tolist() if isinstance(array, np.ndarray) and array.dtype.kind == "U" else array)


if __name__ == "__main__":
    main(*sys.argv[1:])

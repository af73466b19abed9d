"""How far graphs of keras.applications are from Keras, and both from the same model in float64.

    PYTHONPATH=tests python tests/sweeps/keras_applications.py [--seeds 0 1 2] [--small] [FAMILY ...]

One model of each family at its own image size (224 or 299; --small: the size that the tests take), its weights by one rule with a
seed (`keras_apps.settle`), four images that it was not settled on. An error is the largest difference of all probabilities, over
the largest probability: max|a - b| / max|b|. The bar is 1e-5 between graph and Keras.
"""

from __future__ import annotations

import argparse
from typing import Any

import keras
import numpy as np
from keras_apps import FAMILIES, application, images, in_float64

import vajra_onnx as vo

OWN_SIZE = {"InceptionV3": 299, "InceptionResNetV2": 299, "Xception": 299}
IMAGES, BAR = 4, 1e-5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("families", nargs="*", default=list(FAMILIES))
    parser.add_argument("--seeds", type=int, nargs="*", default=[0])
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    print(f"{'family':20}{'size':>5}{'seed':>5}{'graph, Keras':>14}{'graph, float64':>16}{'Keras, float64':>16}{'largest p':>11}")
    for name in options.families or FAMILIES:
        size = FAMILIES[name] if options.small else OWN_SIZE.get(name, 224)
        for seed in options.seeds:
            graph, own, exact = answers(name, size, seed)
            errors = [error(graph, own), error(graph, exact), error(own, exact)]
            cells = f"{errors[0]:14.1e}{errors[1]:16.1e}{errors[2]:16.1e}{own.max():11.2f}"
            print(f"{name:20}{size:5}{seed:5}{cells}{'' if errors[0] <= BAR else '  beyond 1e-5'}", flush=True)
            keras.backend.clear_session()


def answers(name: str, size: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the graph, Keras, and the same layers in float64 say to the same images."""
    model: Any = application(name, size, seed)
    x = images(model, IMAGES, seed + 100)
    (graph,) = vo.load(vo.convert(model, x, prove=False)).run(x).values()
    return graph, np.asarray(model(x, training=False)), in_float64(model, name, x)


def error(a: np.ndarray, b: np.ndarray) -> float:
    """The largest difference, over the largest number."""
    return float(np.abs(a - b).max() / np.abs(b).max())


if __name__ == "__main__":
    main()

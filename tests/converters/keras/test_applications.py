"""One model of each family of keras.applications, with weights like trained ones, proved; and what its graph is made of.

Small images, so that it takes minutes; `tests/sweeps/keras_applications.py` measures how close they are at their own.
"""

from __future__ import annotations

import inspect
from collections import Counter

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
import numpy as np
from keras_apps import FAMILIES, application, images, in_float64

import vajra_onnx as vo

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")]


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family(name):
    model = application(name, FAMILIES[name])
    sample = images(model, 3, seed=1)
    artifact = vo.convert(model, sample)
    (output,) = artifact.schema.outputs
    assert artifact.certificate.passed
    session, expected = vo.load(artifact), np.asarray(model(sample, training=False))
    for rows in (1, 3):
        assert_close(session.run(sample[:rows])[output.name], expected[:rows], model, name, sample[:rows])
    kinds = Counter(node.op_type for node in artifact.model.graph.node)
    assert kinds["Transpose"] <= (43 if name == "ConvNeXtTiny" else 2)  # of the input, and of a last step with channels first
    keras.backend.clear_session()


def assert_close(got, expected, model, name, sample):
    """Within 1e-5 of Keras. Where float32 itself is coarser than that, because an image of 76 pixels leaves a single one of
    InceptionV3's last features, the graph is within 1e-5 of the same layers in float64, or as close to them as Keras is."""
    if error(got, expected) > 1e-5:
        exact = in_float64(model, name, sample)
        assert error(got, exact) <= max(1e-5, error(expected, exact))


def error(a, b):
    return np.abs(a - b).max() / np.abs(b).max()


def test_every_family_is_here():
    modules = {name: make.__module__ for name, make in vars(keras.applications).items() if inspect.isfunction(make)}
    lacking = set(modules.values()) - {modules[name] for name in FAMILIES}
    # Models of one module differ in depth and width; VGG19 has one of its own, and three layers more than VGG16.
    assert lacking == {modules["VGG19"]}

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
from keras_apps import FAMILIES, application, images

import vajra_onnx as vo

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")]


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family(name):
    model = application(name, FAMILIES[name])
    sample = images(model, 3, seed=1)
    artifact = vo.convert(model, sample)
    (output,) = artifact.certificate.outputs
    assert artifact.certificate.passed
    assert output.by_kind["sample"].ties == 0
    session, (result,) = vo.load(artifact), artifact.schema.outputs
    expected = np.asarray(model(sample, training=False))
    for rows in (1, 3):
        got = session.run(sample[:rows])[result.name]
        assert np.abs(got - expected[:rows]).max() <= 1e-5 * np.abs(expected[:rows]).max()
    nodes = artifact.model.graph.node
    kinds = Counter(node.op_type for node in nodes)
    assert kinds["Transpose"] <= (43 if name == "ConvNeXtTiny" else 2)  # of the input, and of a last step with channels first
    assert not kinds["AveragePool"] or artifact.model.opset_import[0].version == 18  # for which onnxruntime has a fast kernel
    assert kinds["Div"] <= 1  # of a Normalization
    alike = Counter((n.op_type, *n.input, *sorted(a.SerializeToString() for a in n.attribute)) for n in nodes)
    assert max(alike.values()) == 1
    keras.backend.clear_session()


def test_every_family_is_here():
    modules = {name: make.__module__ for name, make in vars(keras.applications).items() if inspect.isfunction(make)}
    lacking = set(modules.values()) - {modules[name] for name in FAMILIES}
    # Models of one module differ in depth and width; VGG19 has one of its own, and three layers more than VGG16.
    assert lacking == {modules["VGG19"]}

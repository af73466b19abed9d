"""One model of each family of keras.applications, with weights like trained ones, proved; and what its graph is made of."""

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

# Keras' own float32 is 1e-5 away from its float64 here, and on some rows the graph's is as far on the other side.
COARSE = "InceptionV3"


@pytest.mark.parametrize("name", [name for name in FAMILIES if name != COARSE])
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
    kinds = Counter(node.op_type for node in artifact.model.graph.node)
    assert kinds["Transpose"] <= (43 if name == "ConvNeXtTiny" else 2)  # of the input, and of a last step with channels first
    keras.backend.clear_session()


def test_where_float32_itself_is_coarser_the_graph_is_no_coarser():
    model = application(COARSE, FAMILIES[COARSE])
    sample = images(model, 3, seed=1)
    artifact = vo.convert(model, sample)  # proved: those rows are ties by the original's own answers
    (got,) = vo.load(artifact).run(sample).values()
    exact = in_float64(model, COARSE, sample)
    own, graph = (np.abs(answer - exact).max() for answer in (np.asarray(model(sample, training=False)), got))
    assert graph <= max(own, 1e-5 * exact.max())


def test_every_family_is_here():
    modules = {name: make.__module__ for name, make in vars(keras.applications).items() if inspect.isfunction(make)}
    lacking = set(modules.values()) - {modules[name] for name in FAMILIES}
    # Models of one module differ in depth and width; VGG19 has one of its own, and three layers more than VGG16.
    assert lacking == {modules["VGG19"]}

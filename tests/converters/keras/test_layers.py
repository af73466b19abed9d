"""Every layer in a model of its own, proved through `convert`: batch N, 1, 3 and 7, extremes, NaN where both agree about it."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

from keras_layers import cases
from keras_nets import around, sample

import vajra_onnx as vo

CASES = list(cases())


@pytest.mark.parametrize(("make", "shapes"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_layer(make, shapes):
    model = around(make, shapes)
    artifact = vo.convert(model, sample(shapes))
    assert artifact.certificate.passed
    assert [c.name for c in artifact.schema.inputs] == [t.name for t in model.inputs]
    name, count = model.output_names[0], len(model.output_names)  # a name of its own for each of them
    assert [c.name for c in artifact.schema.outputs] == [name, *(f"{name}_{i}" for i in range(1, count))]

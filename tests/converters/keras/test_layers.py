"""Every layer in a model of its own, proved through `convert` on whatever backend Keras has: batch N, 1, 3 and 7, extremes, NaN
where both agree about it. What the backend itself cannot run skips in its words (`keras_backends`)."""

from __future__ import annotations

import pytest

pytest.importorskip("keras", reason="Keras is tested where it is installed: make test-keras, make test-torch")

from keras_backends import DIFFERS, REFUSED, CannotRunError, runnable, said
from keras_cases import cases

import vajra_onnx as vo

CASES = list(cases())


# What a backend warns of in its own code is not ours.
@pytest.mark.filterwarnings("ignore:::(keras|torch|jax)[.].*")
@pytest.mark.parametrize(("name", "make", "shapes"), CASES, ids=[case[0] for case in CASES])
def test_layer(name, make, shapes):
    try:
        model, rows = runnable(name, make, shapes)
    except CannotRunError as words:
        pytest.skip(str(words))
    refusal = said(REFUSED, name)
    if refusal is not None:
        with pytest.raises(vo.UnsupportedError, match=refusal):
            vo.convert(model, rows)
        return
    if said(DIFFERS, name) is not None:
        with pytest.raises(vo.ParityError):
            vo.convert(model, rows)
        pytest.xfail(said(DIFFERS, name))
    artifact = vo.convert(model, rows)
    assert artifact.certificate.passed
    assert [c.name for c in artifact.schema.inputs] == [t.name for t in model.inputs]
    output, count = model.output_names[0], len(model.output_names)  # a name of its own for each of them
    assert [c.name for c in artifact.schema.outputs] == [output, *(f"{output}_{i}" for i in range(1, count))]

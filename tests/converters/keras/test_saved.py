"""`.keras` files: they open without trust, and convert where neither TensorFlow nor Keras can be imported."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
import numpy as np
from keras import layers
from keras_nets import perturb

import vajra_onnx as vo
from vajra_onnx.converters.keras.emit import emitted_layers
from vajra_onnx.export.files import load_model

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own, in adapt

WITHOUT = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras", "jax", "torch"):
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
import numpy as np
import vajra_onnx as vo
from vajra_onnx.export.files import load_model

sample = dict(np.load(sys.argv[2], allow_pickle=False))
model = load_model(sys.argv[1])
try:
    vo.convert(model, sample)
except vo.UnsupportedError as error:
    print("refused:", error)
artifact = vo.convert(model, sample, prove=False)
print(artifact.certificate.summary())
artifact.save(sys.argv[3])
assert not {"tensorflow", "keras"} & set(sys.modules)
"""


@pytest.fixture(scope="module")
def model():
    numbers, color, visits = keras.Input((3,), name="numbers"), keras.Input((1,), dtype="string", name="color"), None
    visits = keras.Input((1,), dtype="int64", name="visits")
    scale, words, counts = layers.Normalization(), layers.StringLookup(output_mode="one_hot"), layers.IntegerLookup()
    scale.adapt(np.random.default_rng(0).normal(3, 2, (50, 3)).astype(np.float32))
    words.adapt(np.array([["red"], ["red"], ["blue"], ["żółty"]]))
    counts.adapt(np.array([[1], [5], [5]]))
    embedded = layers.Flatten()(layers.Embedding(4, 2)(counts(visits)))
    x = layers.Concatenate()([scale(numbers), words(color), embedded])
    x = layers.BatchNormalization()(layers.Dense(8)(x))
    model = keras.Model({"numbers": numbers, "color": color, "visits": visits}, layers.Dense(2, "softmax", name="kind")(x))
    perturb(model)
    return model


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(1)
    return {
        "numbers": rng.normal(3, 2, (40, 3)).astype(np.float32),
        "color": rng.choice(np.array(["red", "blue", "żółty", "green"]), (40, 1)),
        "visits": rng.integers(0, 9, (40, 1)),
    }


@pytest.fixture(scope="module")
def path(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "model.keras"
    model.save(path)
    return path


def test_object_and_file_are_proved(model, path, sample):
    for original in (model, load_model(str(path))):
        artifact = vo.convert(original, sample)
        assert artifact.certificate.passed
        assert [c.name for c in artifact.schema.inputs] == sorted(sample)
        assert "keras" in artifact.certificate.versions


def test_without_tensorflow_and_keras(model, path, sample, tmp_path):
    np.savez(tmp_path / "sample.npz", **{k: v.astype(str) if v.dtype == object else v for k, v in sample.items()})
    argv = [sys.executable, "-c", WITHOUT, str(path), str(tmp_path / "sample.npz"), str(tmp_path / "model.onnx")]
    child = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    assert child.returncode == 0, child.stderr
    refused, summary = child.stdout.splitlines()
    assert "no proof without the original" in refused
    assert "prove=False" in refused
    assert summary.startswith("not proved:")
    got = vo.load(tmp_path / "model.onnx").run(sample)["kind"]
    order = {name: keras.ops.convert_to_tensor(sample[name]) for name in ("numbers", "visits")}
    import tensorflow as tf

    expected = np.asarray(model({**order, "color": tf.constant(sample["color"])}))
    np.testing.assert_allclose(got, expected, atol=1e-6)


def test_one_row_and_a_frame(model, sample):
    session = vo.load(vo.convert(model, sample))
    whole = session.run(sample)["kind"]
    row = session.run({name: values[:1] for name, values in sample.items()})["kind"]
    np.testing.assert_allclose(row, whole[:1], atol=1e-6)
    rows = [
        {name: values[i].tolist() if values.shape[1] > 1 else values[i, 0] for name, values in sample.items()} for i in (0, 1)
    ]
    np.testing.assert_allclose(session.run(rows)["kind"], whole[:2], atol=1e-6)
    with pytest.raises(vo.InputError, match="inputs differ"):
        session.run({"numbers": sample["numbers"]})


def test_damaged_files(tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(b"no zip")
    with pytest.raises(vo.ArtifactError, match=r"not a \.keras file"):
        load_model(str(path))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "[]")
    with pytest.raises(vo.ArtifactError, match=r"not a \.keras file"):
        load_model(str(path))


def test_lambda_is_refused_and_never_run(tmp_path):
    x = keras.Input((2,), name="x")
    model = keras.Model(x, layers.Lambda(lambda v: v * 2)(x))
    model.save(Path(tmp_path) / "model.keras")
    with pytest.raises(vo.UnsupportedError, match=r"Lambda holds a marshalled Python function.*layers\['lambda"):
        vo.convert(load_model(str(tmp_path / "model.keras")), np.zeros((2, 2), np.float32), prove=False)


def test_what_nobody_handles_is_refused_by_name(monkeypatch):
    monkeypatch.setenv("VAJRA_ONNX_FALLBACK", "none")
    monkeypatch.delitem(emitted_layers(), "ReLU")  # such as a later Keras may bring
    x = keras.Input((8, 8, 2), name="x")
    model = keras.Model(x, layers.ReLU()(x))
    with pytest.raises(vo.UnsupportedError, match=r"no emitter for the layer keras\.layers\.\w+ - at layers\['"):
        vo.convert(model, np.zeros((2, 8, 8, 2), np.float32))

"""What Keras wrote before `.keras`: HDF5 files and SavedModels; and tf2onnx for what has no emitter here."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from keras_nets import perturb
from sklearn.preprocessing import StandardScaler

import vajra_onnx as vo
from vajra_onnx.converters.keras.emit import emitted_layers
from vajra_onnx.export.files import load_model

pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file"),
]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 6, 3)).astype(np.float32)


def needs_tf2onnx():
    pytest.importorskip("tf2onnx", reason="tf2onnx is not installed")


@pytest.fixture(scope="module")
def model():
    x = keras.Input((6, 3), name="steps")
    y = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(x)
    y = layers.BatchNormalization()(layers.Conv1D(5, 3, padding="same")(y))
    model = keras.Model(x, layers.Dense(2, activation="softmax", name="kind")(layers.GlobalMaxPooling1D()(y)))
    perturb(model)
    return model


def same(artifact, model, x, rtol=1e-5):
    assert artifact.certificate.passed
    (got,) = vo.load(artifact).run(x).values()
    np.testing.assert_allclose(got, np.asarray(model(x)), rtol=0, atol=rtol * np.abs(np.asarray(model(x))).max())


@pytest.mark.parametrize("suffix", [".h5", ".hdf5"])
def test_hdf5(model, tmp_path, suffix):
    path = tmp_path / f"model{suffix}"
    model.save(path)
    artifact = vo.convert(path, X)
    same(artifact, model, X)
    assert [c.name for c in artifact.schema.inputs] == ["steps"]
    assert [c.name for c in artifact.schema.outputs] == ["kind"]
    assert not artifact.certificate.notes


def test_hdf5_as_keras_2_wrote_it(tmp_path):
    """Its graph is lists of [layer, call, tensor, arguments]; inputs have a batch_input_shape."""
    h5py = pytest.importorskip("h5py")
    x = keras.Input((3,), name="x")
    model = keras.Model(x, layers.Add(name="add")([layers.Dense(3, activation="relu", name="dense")(x), x]), name="old")
    perturb(model)
    path = tmp_path / "model.h5"
    model.save(path)
    dense = {"name": "dense", "trainable": True, "dtype": "float32", "units": 3, "activation": "relu", "use_bias": True}
    nodes = [
        {
            "class_name": "InputLayer",
            "config": {"batch_input_shape": [None, 3], "dtype": "float32", "sparse": False, "name": "x"},
        },
        {"class_name": "Dense", "config": dense, "inbound_nodes": [[["x", 0, 0, {}]]]},
        {"class_name": "Add", "config": {"name": "add"}, "inbound_nodes": [[["dense", 0, 0, {}], ["x", 0, 0, {}]]]},
    ]
    graph = [{"inbound_nodes": [], **node, "name": node["config"]["name"]} for node in nodes]
    config = {"name": "old", "layers": graph, "input_layers": [["x", 0, 0]], "output_layers": [["add", 0, 0]]}
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Functional", "config": config})
        file.attrs["keras_version"] = "2.12.0"
    same(vo.convert(path, X[:, 0]), model, X[:, 0])


def test_damaged_and_untrusted_files_are_refused(tmp_path):
    weights, other, marshalled = (tmp_path / name for name in ("a.weights.h5", "b.h5", "c.h5"))
    model = keras.Sequential([keras.Input((3,)), layers.Lambda(lambda x: x * 2)])
    model.save_weights(weights)
    other.write_bytes(b"nothing")
    for path in (weights, other):
        with pytest.raises(vo.ArtifactError, match="not a Keras model in HDF5"):
            load_model(str(path))
    model.save(marshalled)
    with pytest.raises(vo.UntrustedError, match="Lambda"):
        load_model(str(marshalled))


@pytest.mark.slow
def test_saved_model(model, tmp_path):
    needs_tf2onnx()
    folder = tmp_path / "exported"
    model.export(folder, verbose=False)
    artifact = vo.convert(folder, X)
    same(artifact, model, X)
    assert [c.name for c in artifact.schema.inputs] == ["steps"]
    assert artifact.certificate.notes == ("converted by tf2onnx",)
    assert "tf2onnx" in artifact.certificate.versions
    assert {(o.domain, o.version) for o in artifact.model.opset_import} == {("", 21)}


def test_a_saved_model_that_opens_files_is_refused(tmp_path):
    module = tf.Module()
    spec = tf.TensorSpec([None], tf.string, name="name")
    module.read = tf.function(lambda name: {"text": tf.map_fn(tf.io.read_file, name)}, input_signature=[spec])
    tf.saved_model.save(module, str(tmp_path / "model"), signatures=module.read)
    with pytest.raises(vo.UntrustedError, match="ReadFile"):
        load_model(str(tmp_path / "model"))


@keras.saving.register_keras_serializable("legacy")
class Rolled(layers.Layer):
    """A layer that computes with TensorFlow itself, and has a weight."""

    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")

    def call(self, x):
        return tf.roll(x, 1, axis=-1) * tf.convert_to_tensor(self.scale)


@pytest.fixture
def custom():
    x = keras.Input((6, 3), name="a b")
    model = keras.Model(x, layers.Dense(2, name="out")(layers.Flatten()(Rolled()(layers.Dense(3)(x)))))
    perturb(model)
    return model


@pytest.mark.slow
def test_a_layer_that_computes_with_tensorflow(custom, monkeypatch):
    needs_tf2onnx()
    monkeypatch.setenv("VAJRA_ONNX_FALLBACK", "tf2onnx")
    artifact = vo.convert(custom, X)
    same(artifact, custom, X)
    assert [c.name for c in artifact.schema.inputs] == ["a b"]
    assert [c.name for c in artifact.schema.outputs] == ["out"]
    (note,) = artifact.certificate.notes
    assert note.startswith("layers['rolled")
    assert "converted by tf2onnx: Rolled.call is no graph of keras.ops" in note
    kinds = {node.op_type for node in artifact.model.graph.node}
    assert "Transpose" not in kinds  # the layers around it are converted here


@pytest.mark.slow
def test_a_layer_of_keras_without_an_emitter_takes_the_whole_model_along(monkeypatch):
    needs_tf2onnx()
    monkeypatch.setenv("VAJRA_ONNX_FALLBACK", "tf2onnx")
    monkeypatch.delitem(emitted_layers(), "PReLU")  # such as a later Keras may bring
    x = keras.Input((6, 3), name="x")
    model = keras.Model(x, layers.Flatten(name="flat")(layers.PReLU()(x)))
    perturb(model)
    artifact = vo.convert(model, X)
    same(artifact, model, X)
    assert [c.name for c in artifact.schema.outputs] == ["flat"]
    (note,) = (n for n in artifact.certificate.notes if "tf2onnx" in n)
    assert note.startswith("the whole model converted by tf2onnx: ")
    assert "PReLU" in note


@pytest.mark.slow
def test_memory_is_capped(custom, monkeypatch):
    needs_tf2onnx()
    monkeypatch.setenv("VAJRA_ONNX_FALLBACK", "tf2onnx")
    monkeypatch.setenv("VAJRA_ONNX_TF2ONNX_GB", "0.5")
    with pytest.raises(vo.UnsupportedError, match=r"Rolled.*tf2onnx needs more than 0\.5 GB"):
        vo.convert(custom, X)


def test_without_the_fallback_it_is_refused(custom, monkeypatch):
    monkeypatch.setenv("VAJRA_ONNX_FALLBACK", "none")
    with pytest.raises(vo.UnsupportedError, match="Rolled"):
        vo.convert(custom, X)


@pytest.mark.slow
def test_on_the_command_line(model, tmp_path):
    model.save(tmp_path / "model.h5")
    np.save(tmp_path / "rows.npy", X)
    command = ["convert", str(tmp_path / "model.h5"), "--sample", str(tmp_path / "rows.npy"), "-o", str(tmp_path / "model.onnx")]
    done = subprocess.run([sys.executable, "-m", "vajra_onnx", *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (got,) = vo.load(tmp_path / "model.onnx").run(X).values()
    np.testing.assert_allclose(got, np.asarray(model(X)), atol=1e-5)


@pytest.mark.slow
def test_a_chain_names_it_too(monkeypatch):
    needs_tf2onnx()
    monkeypatch.setenv("VAJRA_ONNX_FALLBACK", "tf2onnx")
    x = keras.Input((3,), name="x")
    net = keras.Model(x, layers.Dense(2, name="out")(Rolled()(x)))
    perturb(net)
    rows = X[:, 0].astype(np.float64)
    artifact = vo.convert(vo.chain(("scale", StandardScaler().fit(rows)), ("net", net)), rows)
    assert artifact.certificate.passed
    assert any("converted by tf2onnx" in note for note in artifact.certificate.notes)


def test_what_hangs_on_the_batch_is_asked_of_nobody_else(monkeypatch):
    monkeypatch.setenv("VAJRA_ONNX_FALLBACK", "tf2onnx")
    x = keras.Input((), dtype="int32", name="x")
    model = keras.Model(x, layers.CategoryEncoding(9)(x))
    with pytest.raises(vo.UnsupportedError, match=r"of \[N\], which makes one row of the batch: expected \[N, 1\]"):
        vo.convert(model, np.arange(5, dtype=np.int32))

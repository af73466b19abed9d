"""The issue's own test: a `.keras` file with text, strings, whole numbers and numbers, converted and served where neither
TensorFlow nor Keras, JAX or torch can be imported, and asked over gRPC: the answers are those that Keras gave."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from keras_nets import perturb
from serving import process

import vajra_onnx as vo

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own, in adapt
FRAMEWORKS = ("tensorflow", "keras", "jax", "torch")
# Python imports a sitecustomize that it finds before anything else.
BLOCKER = f"""
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {FRAMEWORKS}:
            raise ModuleNotFoundError(f"{{name}} is blocked", name=name)

sys.meta_path.insert(0, Blocked())
"""


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(1)
    words = np.array(["good", "bad", "Żółty!", "a very long word: " + "x" * 80, "so-so,", "\u00a0", "GOOD"])
    return {
        "comment": np.array([[" ".join(rng.choice(words, rng.integers(0, 6)))] for _ in range(40)]),
        "title": np.array([" ".join(rng.choice(words, rng.integers(0, 3))) for _ in range(40)]),
        "color": rng.choice(np.array(["red", "blue", "żółty", "green", ""]), (40, 1)),
        "visits": rng.integers(0, 9, (40, 1)),
        "numbers": rng.normal(3, 2, (40, 3)).astype(np.float32),
    }


@pytest.fixture(scope="module")
def saved(sample, tmp_path_factory):
    """The file, and what Keras answers to the sample."""
    ends = {
        "comment": keras.Input((1,), dtype="string", name="comment"),
        "title": keras.Input((), dtype="string", name="title"),
        "color": keras.Input((1,), dtype="string", name="color"),
        "visits": keras.Input((1,), dtype="int64", name="visits"),
        "numbers": keras.Input((3,), name="numbers"),
    }
    kinds = {
        "words": layers.TextVectorization(ngrams=2, name="words"),
        "counts": layers.TextVectorization(split="character", output_mode="tf_idf", name="counts"),
        "color": layers.StringLookup(output_mode="one_hot", num_oov_indices=2, name="lookup"),
        "visits": layers.IntegerLookup(name="integers"),
        "numbers": layers.Normalization(name="normalization"),
    }
    source = {"words": "comment", "counts": "title"}
    for name, layer in kinds.items():
        layer.adapt(sample[source.get(name, name)])
    found = {name: layer(ends[source.get(name, name)]) for name, layer in kinds.items()}
    words = layers.GlobalAveragePooling1D()(layers.Embedding(200, 4, mask_zero=True)(found["words"]))
    visits = layers.Flatten()(layers.Embedding(20, 2)(found["visits"]))
    bins = layers.HashedCrossing(5, output_mode="one_hot")([ends["color"], ends["visits"]])
    x = layers.Concatenate()([words, layers.Dense(3)(found["counts"]), found["color"], visits, found["numbers"], bins])
    kind = layers.Dense(2, "softmax", name="kind")(layers.BatchNormalization()(layers.Dense(8, "relu")(x)))
    model = keras.Model(ends, {"kind": kind, "tokens": found["words"]})
    perturb(model)
    path = tmp_path_factory.mktemp("served") / "model.keras"
    model.save(path)
    asked = {name: tf.constant(values) for name, values in sample.items()}
    return path, [np.asarray(x) for x in keras.tree.flatten(model(asked, training=False))], model.output_names


@pytest.fixture
def blocked(tmp_path, monkeypatch):
    """Child processes in which the frameworks cannot be imported."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(BLOCKER)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "site"), *filter(None, [os.environ.get("PYTHONPATH")])]))


def _run(*arguments):
    return subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.usefixtures("blocked")
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_the_framework_cannot_be_imported(name):
    assert f"{name} is blocked" in _run("-c", f"import {name}").stderr


@pytest.mark.usefixtures("blocked")
def test_a_file_of_all_kinds_is_converted_and_served_without_tensorflow(saved, sample, tmp_path):
    path, expected, names = saved
    np.savez(tmp_path / "sample.npz", **sample)
    command = ["-m", "vajra_onnx", "convert", path, "--sample", tmp_path / "sample.npz", "-o", tmp_path / "models" / "review"]
    refused = _run(*command)
    assert refused.returncode == 1
    assert "no proof without the original" in refused.stderr
    done = _run(*command, "--no-prove", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert any(note.startswith("not proved: the original cannot be run here") for note in result["certificate"]["notes"])
    inspected = _run("-m", "vajra_onnx", "inspect", result["path"]).stdout
    assert "not proved" in inspected
    assert "com.microsoft.MurmurHash3, com.microsoft.Tokenizer" in inspected
    with process(str(tmp_path / "models")) as (_, ready):
        address = re.search(r"127\.0\.0\.1:\d+", ready)
        assert address, ready
        with vo.Client(address[0]) as client:
            for rows in (slice(None), slice(0, 7), slice(3, 4)):
                _compare(client.run("review", {name: values[rows] for name, values in sample.items()}), names, expected, rows)


def _compare(got, names, expected, rows):
    """Numbers are as close as float32 adds them; tokens are equal, and padded to the width of their own batch."""
    assert got.keys() == set(names)
    for name, answers in zip(names, expected, strict=True):
        right = answers[rows]
        if right.dtype.kind != "f":
            right = right[:, : int((right != 0).sum(axis=1).max())]
        assert (got[name].shape, got[name].dtype) == (right.shape, right.dtype)
        np.testing.assert_allclose(got[name], right, rtol=1e-5, atol=1e-6)

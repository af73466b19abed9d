"""FeatureSpace: as an object, from its file, inside of a model; every kind of feature."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
import numpy as np
from keras import layers
from keras.utils import FeatureSpace

import vajra_onnx as vo
from vajra_onnx.export.files import load_model

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own, in adapt
WORDS = np.array(["a", "b", "ż", "", "日本"], object)


def _data(rows=60):
    rng = np.random.default_rng(0)
    numbers = {name: rng.normal(2, 3, rows).astype(np.float32) for name in ("plain", "scaled", "normal", "bins")}
    whole = {name: rng.integers(0, 6, rows).astype(np.int32) for name in ("kind", "visits")}
    return numbers | whole | {name: rng.choice(WORDS, rows) for name in ("color", "city")}


def _kinds(mode="one_hot"):
    return {
        "plain": "float",
        "scaled": FeatureSpace.float_rescaled(2.0, 1.0),
        "normal": "float_normalized",
        "bins": FeatureSpace.float_discretized(3, output_mode=mode),
        "kind": FeatureSpace.integer_categorical(num_oov_indices=2, output_mode=mode),
        "visits": FeatureSpace.integer_hashed(5, output_mode=mode),
        "color": FeatureSpace.string_categorical(max_tokens=4, output_mode=mode),
        "city": FeatureSpace.string_hashed(6, output_mode=mode),
    }


def _crosses(mode="one_hot"):
    pairs = [("kind", "color"), ("city", "bins")]
    return [FeatureSpace.cross(pair, 7 + i, output_mode=mode) for i, pair in enumerate(pairs)]


def _adapted(features, crosses, output_mode, data):
    space = FeatureSpace(features, output_mode=output_mode, crosses=crosses)
    space.adapt(data)
    return space, {name: values[:, None] for name, values in data.items()}


@pytest.mark.parametrize("output_mode", ["concat", "dict"])
def test_object_and_file(output_mode, tmp_path):
    space, data = _adapted(_kinds(), _crosses(), output_mode, _data())
    space.save(tmp_path / "space.keras")
    expected = space(data)
    named = {"encoded_features": expected} if output_mode == "concat" else {f"encoded_{n}": x for n, x in expected.items()}
    for original in (space, load_model(str(tmp_path / "space.keras")))[output_mode == "dict" :]:
        artifact = vo.convert(original, data)
        assert [c.name for c in artifact.schema.inputs] == list(data)
        got = vo.load(artifact).run(data)
        assert got.keys() == named.keys()
        for name, answer in named.items():
            np.testing.assert_array_equal(got[name], np.asarray(answer))


def test_numbers_of_categories_and_layers_of_the_users_choice():
    data = _data()
    texts = {"comment": data["color"] + np.array(" x", object), "title": data["city"] + np.array(" b a", object)}
    own = {
        "comment": FeatureSpace.feature("string", layers.TextVectorization(output_sequence_length=3), "int"),
        "title": FeatureSpace.feature("string", layers.TextVectorization(output_mode="tf_idf"), "float"),
    }
    space, data = _adapted(_kinds("int") | own, _crosses("int"), "dict", data | texts)
    got = vo.load(vo.convert(space, data)).run(data)
    for name, answer in space(data).items():
        np.testing.assert_array_equal(got[f"encoded_{name}"], np.asarray(answer))


def test_bins_of_whole_numbers_cut_numbers_off():
    """As they are in the files of Keras before 3.10."""
    bins = layers.Discretization(num_bins=5, dtype="int64")
    features = {"plain": FeatureSpace.feature("float32", bins, "int")}
    space, data = _adapted(features, [], "dict", {"plain": _data()["plain"]})
    expected = np.asarray(space(data)["plain"])
    assert (expected != np.asarray(layers.Discretization(bins.bin_boundaries)(data["plain"]))).any()
    np.testing.assert_array_equal(vo.load(vo.convert(space, data)).run(data)["encoded_plain"], expected)


def test_inside_of_a_model(tmp_path):
    space, data = _adapted(_kinds(), _crosses(), "concat", _data())
    model = keras.Model(space.get_inputs(), layers.Dense(3)(space.get_encoded_features()))
    model.save(tmp_path / "model.keras")
    assert vo.convert(load_model(str(tmp_path / "model.keras")), data).certificate.passed


def test_one_that_was_not_adapted_is_refused():
    with pytest.raises(vo.UnsupportedError, match=r"You need to call `\.adapt"):
        vo.convert(FeatureSpace({"a": "float_normalized"}), {"a": np.zeros((3, 1), np.float32)})

"""Keras models in chains: behind scikit-learn's preparation, between its estimators, and what is refused by name."""

from __future__ import annotations

import pytest

pytest.importorskip("keras", reason="Keras is tested where it is installed: make test-keras, make test-torch")
pytest.importorskip("sklearn", reason="chains begin with scikit-learn")

import joblib
import keras
import numpy as np
from chains import assert_proved, delays, penguins
from keras import layers
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

import vajra_onnx as vo
from vajra_onnx.export import build_model
from vajra_onnx.export.files import load_model
from vajra_onnx.export.validate import first_divergence, validate

pytestmark = pytest.mark.filterwarnings("ignore")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))


def trained(inputs, outputs, prepared, target, loss):
    keras.utils.set_random_seed(0)
    model = keras.Model(inputs, outputs)
    model.compile(loss=loss, optimizer=keras.optimizers.Adam(0.01))
    dense = prepared.toarray() if hasattr(prepared, "toarray") else prepared
    model.fit(dense, target, epochs=5, verbose=0)
    return model


def test_penguins_through_a_column_transformer_and_a_model():
    data, species, prepare = penguins()
    prepared = prepare.transform(data)
    table = keras.Input((prepared.shape[1],), name="table")
    hidden = layers.Dropout(0.2)(layers.BatchNormalization()(layers.Dense(16, activation="gelu")(table)))
    model = trained(
        table,
        layers.Dense(3, activation="softmax", name="species_1")(hidden),
        prepared,
        species,
        "sparse_categorical_crossentropy",
    )
    artifact = assert_proved(vo.chain(("prep", prepare), ("net", model)), data)
    assert [column.name for column in artifact.schema.outputs] == ["species_1"]
    assert artifact.certificate.outputs[0].tolerance == "1e-05 of the largest number"
    assert {"sklearn", "keras", keras.config.backend()} <= set(artifact.certificate.versions)


def test_flights_through_a_sparse_matrix_and_a_model():
    data, delay, prepare = delays()
    prepared = prepare.transform(data)
    table = keras.Input((prepared.shape[1],))
    model = trained(table, layers.Dense(1, name="hours")(layers.Dense(16, activation="relu")(table)), prepared, delay, "mse")
    assert_proved(vo.chain(("prep", prepare), ("net", model)), data)


def test_several_outputs_keep_their_names():
    table = keras.Input((4,))
    model = keras.Model(table, [layers.Dense(2, name="dense")(table), layers.Dense(1, name="dense_1")(table)])
    chain = vo.chain(("scale", StandardScaler().fit(X)), ("net", model))
    artifact = vo.convert(chain, X)
    assert artifact.certificate.passed
    assert list(vo.load(artifact).run(X)) == list(chain.predict(X)) == ["dense", "dense_1"]
    assert [c.name for c in build_model(chain, X, {"dense": "first"})[1].outputs] == ["first", "dense_1"]
    assert [c.name for c in build_model(chain, X, ["dense"])[1].outputs] == ["dense"]


def test_a_model_between_estimators():
    table = keras.Input((4,))
    encoder = keras.Model(table, layers.Dense(6, activation="tanh")(table))
    scaler, target = StandardScaler().fit(X), RNG.integers(2, size=60)
    embedded = keras.ops.convert_to_numpy(encoder(scaler.transform(X)))
    pca = PCA(3).fit(embedded)
    model = LogisticRegression().fit(pca.transform(embedded), target)
    chain = vo.chain(("scale", scaler), ("net", encoder), ("pca", pca), ("model", model))
    assert (chain.predict(X) == model.predict(pca.transform(embedded))).all()
    assert vo.convert(chain, X).certificate.passed


def test_whole_numbers_reach_an_embedding_and_others_are_refused():
    data = RNG.integers(0, 5, size=(40, 2))
    words = keras.Input((2,), dtype="int32")
    model = keras.Model(words, layers.Flatten()(layers.Embedding(6, 3)(words)))
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=5).fit(data)
    artifact = vo.convert(vo.chain(("codes", encoder), ("net", model)), data)
    assert artifact.certificate.passed
    with pytest.raises(vo.ParityError, match="a whole number that the network's input can hold"):
        vo.convert(vo.chain(("scale", StandardScaler().fit(data)), ("net", model)), data)


def test_what_a_network_cannot_be_given_is_refused_by_name():
    a, b, image = keras.Input((4,), name="a"), keras.Input((4,), name="b"), keras.Input((4, 1), name="image")
    scaler = ("scale", StandardScaler().fit(X))
    cases = [
        (keras.Model([a, b], layers.Add()([a, b])), "several inputs"),
        (keras.Model(image, layers.Flatten()(image)), "input 'image' of a network in a chain"),
        (keras.Sequential([keras.Input((3,)), layers.Dense(1)]), "expected 3 columns"),
    ]
    for model, message in cases:
        with pytest.raises(vo.UnsupportedError, match=message) as refused:
            vo.convert(vo.chain(scaler, ("net", model)), X)
        assert refused.value.where == "steps['net']"


def test_a_chain_from_a_file_is_validated_step_by_step(tmp_path):
    table = keras.Input((4,))
    model = keras.Model(table, layers.Dense(2, name="out")(table))
    chain = vo.chain(("scale", StandardScaler().fit(X)), ("net", model))
    vo.convert(chain, X).save(tmp_path / "model.onnx")
    joblib.dump(chain, tmp_path / "chain.joblib")
    again = load_model(str(tmp_path / "chain.joblib"), trust_pickle=True)
    assert validate(tmp_path / "model.onnx", again, X).certificate.passed
    assert first_divergence(again, X).splitlines()[1].startswith("steps['net']")
    bias = again["net"].layers[-1].bias
    bias.assign(bias + np.float32(1e-4))
    failed = validate(tmp_path / "model.onnx", again, X)
    assert not failed.certificate.passed
    assert failed.certificate.outputs[0].by_kind["sample"].outside == len(X)


def test_a_dict_of_parts_feeds_several_inputs():
    data, _, _ = delays()
    numbers = make_column_transformer((make_pipeline(SimpleImputer(), StandardScaler()), ["distance", "air_time"]))
    codes = make_column_transformer((OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=20), ["carrier"]))
    a, b = keras.Input((2,), name="numbers"), keras.Input((1,), dtype="int32", name="carrier")
    joined = layers.Concatenate()([a, layers.Flatten()(layers.Embedding(21, 3)(b))])
    model = keras.Model({"numbers": a, "carrier": b}, layers.Dense(1, name="hours_1")(joined))
    chain = vo.chain(("prep", {"carrier": codes.fit(data), "numbers": numbers.fit(data)}), ("net", model))
    assert_proved(chain, data)
    prepared = {"numbers": numbers.transform(data), "carrier": codes.transform(data)}
    np.testing.assert_allclose(chain.predict(data), keras.ops.convert_to_numpy(model(prepared)), rtol=1e-6)
    with pytest.raises(vo.UnsupportedError, match="inputs of a network in a chain: expected carrier, numbers, got numbers"):
        vo.convert(vo.chain(("prep", {"numbers": numbers}), ("net", model)), data)
    with pytest.raises(vo.UnsupportedError, match="what follows a dict of parts"):
        vo.chain(("prep", {"numbers": numbers}), ("model", LogisticRegression()))


def test_numbers_that_float32_does_not_hold_are_refused():
    table = keras.Input((4,))
    chain = vo.chain(("scale", StandardScaler().fit(X)), ("net", keras.Model(table, layers.Dense(2, name="out")(table))))
    session = vo.load(vo.convert(chain, X))
    huge = np.where(X[0, 0] == X, 1e300, X)
    for ask in (chain.predict, session.run):
        with pytest.raises(vo.InputError, match="a number that float32 holds"):
            ask(huge)


@pytest.mark.parametrize("kind", ["columns", "rows"])
def test_columns_and_dict_rows_are_walked_step_by_step(kind):
    data, _, prepare = penguins()
    table = keras.Input((prepare.transform(data).shape[1],))
    chain = vo.chain(("prep", prepare), ("net", keras.Model(table, layers.Dense(2)(table))))
    given = {name: data[name].to_numpy() for name in data} if kind == "columns" else data.to_dict("records")
    assert first_divergence(chain, given).splitlines()[-1] == "no step diverges"

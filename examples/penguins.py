"""Fit, convert, prove, save and run: the shortest whole story. `python examples/penguins.py`"""

from palmerpenguins import load_penguins
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import vajra_onnx as vo

penguins = load_penguins()
features = penguins.drop(columns=["species"])
pipeline = make_pipeline(
    make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), make_column_selector(dtype_include="number")),
        (
            make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")),
            make_column_selector(dtype_exclude="number"),
        ),
    ),
    RandomForestClassifier(random_state=0),
).fit(features, penguins["species"])

artifact = vo.convert(pipeline, features)
print(artifact.certificate.summary())

path = artifact.save("models/penguins")
print("saved", path)

row = {
    "island": "Dream",
    "bill_length_mm": 39.5,
    "bill_depth_mm": 17.4,
    "flipper_length_mm": 186.0,
    "body_mass_g": 3800.0,
    "sex": None,
    "year": 2007,
}
print(vo.load(path).run(row))

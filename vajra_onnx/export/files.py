"""Opening files that hold a fitted model. A pickle is a program: it is opened only when the user says it may run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import ArtifactError, UntrustedError

PICKLES = (".pkl", ".pickle", ".joblib", ".p")


def load_model(path: str, *, trust_pickle: bool = False) -> Any:
    """The fitted model of a file: `.skops`, XGBoost's `.json` and `.ubj`, LightGBM's `.txt`, CatBoost's `.cbm` and `.json`,
    Keras' `.keras` and `.h5`, the folder of a SavedModel; `.joblib` and `.pkl` when trusted.

    Raises UntrustedError for a pickle that was not trusted (and for types in a skops file that skops does not know), and
    ArtifactError for a file that is missing, unknown or damaged.
    """
    suffix = Path(path).suffix.lower()
    if (Path(path) / "saved_model.pb").is_file():
        from ..converters.tensorflow.folder import Folder

        return Folder.read(path)
    if not Path(path).is_file():
        raise ArtifactError("no such model file", where=path)
    if suffix in PICKLES:
        return _pickle(path, trust_pickle)
    if suffix == ".skops":
        return _skops(path)
    if suffix == ".cbm" or (suffix == ".json" and _is_catboost(path)):
        from ..converters.catboost import files as catboost

        return catboost.load(path)
    if suffix in (".json", ".ubj"):
        from ..converters.xgboost import files as xgboost

        return xgboost.load(path)
    if suffix == ".txt":
        from ..converters.lightgbm import files as lightgbm

        return lightgbm.load(path)
    if suffix == ".keras":
        from ..converters.keras.saved import SavedModel

        return SavedModel.read(path)
    if suffix in (".h5", ".hdf5"):
        from ..converters.keras.legacy import LegacyFile

        return LegacyFile.read(path)
    raise ArtifactError(
        "unknown kind of model file",
        expected=".joblib | .pkl | .skops | .json | .ubj | .txt | .cbm | .keras | .h5 | a SavedModel",
        got=repr(suffix),
        where=path,
    )


def _is_catboost(path: str) -> bool:
    """Whether JSON is CatBoost's: XGBoost's has a `learner` instead. What is no JSON is none of both."""
    try:
        return "features_info" in json.loads(Path(path).read_bytes())
    except (ValueError, TypeError):
        return False


def _pickle(path: str, trusted: bool) -> Any:
    if not trusted:
        raise UntrustedError(
            "opening a pickle runs the code inside it",
            where=path,
            hint="pass --trust-pickle if you made this file or trust who did; .skops, .json, .ubj, .txt and .cbm need no trust",
        )
    import joblib

    try:
        return joblib.load(path)
    except Exception as error:  # a pickle may fail in any way: a missing module, another version, damage
        raise ArtifactError(f"cannot open the model: {type(error).__name__}: {error}", where=path) from None


def _skops(path: str) -> Any:
    import skops.io

    try:
        unknown = skops.io.get_untrusted_types(file=path)
        if unknown:
            raise UntrustedError(
                "the file holds types that skops does not trust",
                got=", ".join(unknown),
                where=path,
                hint="use a pickle with --trust-pickle if you trust them",
            )
        return skops.io.load(path)
    except UntrustedError:
        raise
    except Exception as error:
        raise ArtifactError(f"cannot open the model: {type(error).__name__}: {error}", where=path) from None

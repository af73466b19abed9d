"""Which models take their rows as Python dicts, and no table: some vectorizers, and whatever hands its own rows on to one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..frames.dict_rows import completed, records
from ..frames.read import is_frame
from .registry import qualified_name

VECTORIZERS = ("sklearn.feature_extraction.DictVectorizer", "sklearn.feature_extraction.FeatureHasher")
# Where meta-estimators keep what they fitted, and FrozenEstimator what it was given.
INNER = ("best_estimator_", "estimator_", "estimators_", "calibrated_classifiers_", "estimator")


def takes_dicts(model: Any) -> bool:
    """Whether a vectorizer of dicts is what sees the rows first."""
    return qualified_name(type(model)) in VECTORIZERS or any(takes_dicts(inner) for inner in _first(model))


def sample_of(model: Any, sample: Any) -> Any:
    """The sample as columns can be made of it: dict rows with all keys in each, where the model does not need them."""
    return completed(sample) if takes_dicts(model) else sample


def given(model: Any, data: Any) -> Any:
    """What the model itself is given for a DataFrame: its rows as dicts, where it takes those."""
    return records(data) if is_frame(data) and takes_dicts(model) else data


def _first(model: Any) -> Iterator[Any]:
    """The estimators inside of a model that are given its own rows."""
    if not type(model).__module__.startswith("sklearn."):
        return
    if type(model).__name__ == "Pipeline":
        yield from [step for _, step in model.steps if step is not None and step != "passthrough"][:1]
    elif type(model).__name__ == "FeatureUnion":
        yield from (transformer for _, transformer in model.transformer_list)
    else:
        for name in INNER:
            inner = getattr(model, name, None)
            yield from inner if isinstance(inner, list) else [] if inner is None else [inner]

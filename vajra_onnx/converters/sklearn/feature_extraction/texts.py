"""Models that take texts themselves, one after another, and no table: the schema names them as its only column."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline

from ....frames import read

VECTORIZERS = (CountVectorizer, TfidfVectorizer, HashingVectorizer)


def takes_texts(model: Any) -> bool:
    """Whether a vectorizer is what sees the data first: scikit-learn would read the names of a DataFrame's columns as texts."""
    if type(model) is Pipeline:
        return takes_texts(model.steps[0][1])
    if type(model) is FeatureUnion:
        return any(takes_texts(transformer) for _, transformer in model.transformer_list)
    return type(model) in VECTORIZERS


def texts(data: Any) -> Any:
    """The only column of a DataFrame or array, as the original takes it."""
    columns = read(data)
    (only,) = columns.T if isinstance(columns, np.ndarray) else columns.values()
    return only

"""The four pipelines that run their user's own Python: refused by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from pipelines import tables
from pipelines.catalog import Fitted, fit, forest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler


def ratios(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns computed from others, by name."""
    return frame.assign(ratio=frame["bill_length_mm"] / frame["bill_depth_mm"])


def calendar(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers from a datetime."""
    when = frame["departure"].dt
    return pd.DataFrame({"hour": when.hour, "month": when.month})


class Clipped(TransformerMixin, BaseEstimator):
    """A transformer of one's own."""

    def fit(self, X: Any, y: Any = None) -> Clipped:
        self.low_, self.high_ = X.quantile(0.05), X.quantile(0.95)
        return self

    def transform(self, X: Any) -> Any:
        return X.clip(self.low_, self.high_, axis=1)


def a_lambda() -> Fitted:
    return fit(make_pipeline(FunctionTransformer(lambda x: x * 2.0), StandardScaler(), Ridge()), tables.diabetes())


def a_pandas_function() -> Fitted:
    features, target = tables.penguins()
    numbers = features[tables.NUMBERS]
    return fit(make_pipeline(FunctionTransformer(ratios), SimpleImputer(), forest()), (numbers, target))


def datetime_code() -> Fitted:
    prepare = make_column_transformer((FunctionTransformer(calendar), ["departure"]), ("passthrough", ["distance"]))
    return fit(make_pipeline(prepare, Ridge()), tables.flights("arr_delay"))


def an_own_class() -> Fitted:
    return fit(make_pipeline(Clipped(), Ridge()), tables.diabetes())


REFUSED: dict[str, tuple[Callable[[], Fitted], str]] = {
    "lambda": (a_lambda, "lambda"),
    "pandas function": (a_pandas_function, r"own_code\.ratios"),
    "datetime code": (datetime_code, r"own_code\.calendar"),
    "own class": (an_own_class, r"own_code\.Clipped"),
}

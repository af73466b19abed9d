"""From columns back to the kind of container that the original model was given: only the proof needs it."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from .read import Raw, is_frame


def rebuild(sample: Any, columns: Raw | np.ndarray) -> Any:
    """The values of `columns` in a container like `sample`: same library, same column dtypes, same order.

    columns: what `read(sample)` returns, with other values. A sample of rows, of columns or of a library that scikit-learn
    does not take becomes a pandas DataFrame. Raises ValueError or TypeError where a dtype cannot hold a value.
    """
    if isinstance(columns, np.ndarray):
        return columns
    if is_frame(sample) and type(sample).__module__.partition(".")[0] == "polars":
        polars = sys.modules["polars"]
        return polars.DataFrame({n: _listed(v) for n, v in columns.items()}, schema=dict(sample.schema))
    import pandas

    template = sample if is_frame(sample) and type(sample).__module__.partition(".")[0] == "pandas" else to_pandas(sample)
    data = {name: _series(pandas, columns[str(name)], template[name].dtype) for name in template.columns}
    return pandas.DataFrame(data, columns=template.columns)


def to_pandas(sample: Any) -> Any:
    """A sample that is not a pandas or polars DataFrame, as the DataFrame that the original is given."""
    import pandas

    if is_frame(sample) and hasattr(sample, "to_pandas"):
        return sample.to_pandas()
    return pandas.DataFrame(sample if isinstance(sample, list) else dict(sample))


def _series(pandas: Any, values: Any, dtype: Any) -> Any:
    if dtype.kind == "O":
        return pandas.Series(_listed(values), dtype=object)
    return pandas.Series(values if isinstance(values, np.ndarray) and values.dtype != object else _listed(values), dtype=dtype)


def _listed(values: Any) -> list[Any]:
    return list(values.tolist() if isinstance(values, np.ndarray) and values.dtype.kind not in "M" else values)

"""From columns back to the kind of container that the original model was given: only the proof needs it."""

from __future__ import annotations

from typing import Any

import numpy as np

from .infer import infer_column
from .missing import is_missing
from .read import Raw, library, read
from .series import categories, to_numpy
from .unnamed import name_of, unframed, unnamed_texts


def rebuild(sample: Any, columns: Raw | np.ndarray) -> Any:
    """The values of `columns` in a container like `sample`: same library, same column dtypes, same order.

    columns: what `read(sample)` returns, with other values; an array becomes a sparse matrix where the sample is one. A sample
    of columns, of dict rows or of a library that scikit-learn does not take becomes a pandas DataFrame in which None stays
    None; texts that stand alone come back in a list, array or Series. A category that the sample does not know joins its
    categories, as in a DataFrame that holds it. Raises ValueError or TypeError where a dtype cannot hold a value.
    """
    if isinstance(columns, np.ndarray):
        return type(sample)(columns) if hasattr(sample, "toarray") else columns
    frame = framed(sample, columns)
    return frame if unnamed_texts(sample) is None else unframed(sample, frame.iloc[:, 0])


def framed(sample: Any, columns: Raw) -> Any:
    """The same for columns by name, always as a DataFrame: texts that stand alone are its only column."""
    if library(sample) == "polars":
        return _polars_frame(sample, columns)
    import pandas

    if isinstance(sample, pandas.Series):
        template = sample.to_frame(name_of(sample))
    else:
        template = sample if library(sample) == "pandas" else to_pandas(sample)
    arrays = [_array(pandas, columns[str(name)], dtype) for name, dtype in template.dtypes.items()]
    frame = pandas.DataFrame(dict(enumerate(arrays)))  # by position: the names of a DataFrame may be anything
    frame.columns = template.columns
    return frame


def to_pandas(sample: Any) -> Any:
    """A sample that is not a pandas or polars DataFrame, as the DataFrame that the original is given.

    Each column has the dtype that `infer` finds in it, so that the original sees what the graph is fed: text is `object`.
    """
    import pandas

    columns = read(sample)
    if isinstance(columns, np.ndarray):
        return pandas.DataFrame(columns)
    return pandas.DataFrame({name: _inferred(pandas, name, values) for name, values in columns.items()})


def _inferred(pandas: Any, name: str, values: Any) -> Any:
    column, array, known = infer_column(name, values), to_numpy(values), categories(values)
    if known is not None:
        return pandas.Series(pandas.Categorical(array.tolist(), categories=known))
    if column.dtype == "string":
        return pandas.Series(array.astype(object), dtype=object)
    if column.dtype == "datetime64":
        return pandas.Series(pandas.to_datetime(array, utc=array.dtype == object).tz_localize(None))
    if array.dtype == object:
        array = np.array([np.nan if is_missing(v) else v for v in array.tolist()], dtype=column.dtype)
    return pandas.Series(array)


def _array(pandas: Any, values: Any, dtype: Any) -> Any:
    """One column of a pandas DataFrame, of exactly this dtype. Arrays join a frame several times quicker than series do, but
    of an array of objects pandas would make text where it can."""
    if getattr(values, "dtype", None) == dtype and hasattr(values, "reset_index"):
        return values.reset_index(drop=True) if _is_object(dtype) else values.array
    array = to_numpy(values)
    if isinstance(dtype, pandas.CategoricalDtype):
        return _categorical(pandas, array.tolist(), dtype)
    if isinstance(dtype, pandas.DatetimeTZDtype) and array.dtype.kind == "M":
        return pandas.DatetimeIndex(array).tz_localize("UTC").tz_convert(dtype.tz).as_unit(dtype.unit)
    if array.dtype == object or not isinstance(dtype, np.dtype):
        series = pandas.Series(_none_for_missing(array) if _is_masked(dtype) else array.tolist(), dtype=dtype)
        return series if _is_object(dtype) else series.array
    return array if array.dtype == dtype else pandas.Series(array, dtype=dtype).array


def _categorical(pandas: Any, values: list[Any], dtype: Any) -> Any:
    known = list(dtype.categories)
    new = [v for v in dict.fromkeys(v for v in values if not is_missing(v)) if v not in set(known)]
    return pandas.Categorical(values, categories=[*known, *new], ordered=dtype.ordered)


def _is_object(dtype: Any) -> bool:
    return isinstance(dtype, np.dtype) and dtype.kind == "O"


def _is_masked(dtype: Any) -> bool:
    """Whether missing values have a mask of their own, so that a NaN has to become one."""
    return not isinstance(dtype, np.dtype) and dtype.kind in "iufbM"


def _none_for_missing(array: np.ndarray) -> list[Any]:
    return [None if is_missing(value) else value for value in (array if array.dtype.kind == "M" else array.tolist())]


def _polars_frame(sample: Any, columns: Raw) -> Any:
    import polars

    try:
        return polars.DataFrame([_polars_series(polars, name, columns[name], dtype) for name, dtype in sample.schema.items()])
    except polars.exceptions.PolarsError as error:
        raise ValueError(str(error)) from None


def _polars_series(polars: Any, name: str, values: Any, dtype: Any) -> Any:
    if isinstance(values, polars.Series):
        return values.cast(dtype).alias(name)
    array = to_numpy(values)
    if array.dtype.kind == "M":
        unit = getattr(dtype, "time_unit", "D")
        return polars.Series(name, array.astype(f"datetime64[{unit}]")).cast(dtype)
    listed = array.tolist() if dtype.is_float() else _none_for_missing(array)
    if array.dtype.kind == "f" and not dtype.is_float():  # numbers with nulls come as floats
        kind = bool if dtype == polars.Boolean else int
        listed = [None if value is None else kind(value) for value in listed]
        if listed != _none_for_missing(array):
            raise ValueError(f"{dtype} holds no fractions")
    return polars.Series(name, listed, dtype=dtype)

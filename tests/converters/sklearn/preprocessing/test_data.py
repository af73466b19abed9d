"""The scalers divide, multiply and round where scikit-learn does: to the last bit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from compare import assert_same
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import load_wine
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    KBinsDiscretizer,
    KernelCenterer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from vajra_onnx.errors import InputError

X = load_wine().data
SCALERS = [
    StandardScaler(),
    StandardScaler(with_mean=False),
    StandardScaler(with_std=False),
    MinMaxScaler(),
    MinMaxScaler((-3, 2), clip=True),
    MaxAbsScaler(),
    MaxAbsScaler(clip=True),
    RobustScaler(),
    RobustScaler(with_centering=False, unit_variance=True),
    RobustScaler(with_scaling=False, quantile_range=(5, 95)),
]


def around(x: np.ndarray) -> np.ndarray:
    """The values, their neighbours, and numbers far outside of them."""
    up, down = np.nextafter(x, x.dtype.type(np.inf)), np.nextafter(x, x.dtype.type(-np.inf))
    return np.concatenate([x, up, down, -x, x * x.dtype.type(1e6), np.zeros_like(x[:1])])


@pytest.mark.parametrize("scaler", SCALERS, ids=str)
@pytest.mark.parametrize("fitted_on", [np.float64, np.float32])
@pytest.mark.parametrize("given", [np.float64, np.float32])
def test_scalers(scaler: StandardScaler, fitted_on: type, given: type) -> None:
    scaler.fit(X.astype(fitted_on))
    assert_same(scaler, X.astype(given), around(X.astype(given)))


@pytest.mark.parametrize("scaler", SCALERS, ids=str)
@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint8, bool])
def test_scalers_of_integers(scaler: StandardScaler, kind: type) -> None:
    x = (X[:, :4].round() > 2) if kind is bool else X[:, :4].round().astype(kind)
    assert_same(scaler.fit(x), x)


@pytest.mark.parametrize("scaler", SCALERS, ids=str)
def test_scalers_keep_missing_values(scaler: StandardScaler) -> None:
    x = X[:, :3].copy()
    x[::7, 1] = np.nan
    assert_same(scaler.fit(x), x)


@pytest.mark.parametrize("scaler", SCALERS, ids=str)
def test_scalers_of_a_mixed_frame(scaler: StandardScaler) -> None:
    frame = pd.DataFrame(
        {"a b": X[:, 0].astype(np.float32), "n": X[:, 12].astype(np.int64), "flag": X[:, 1] > 2, "same": np.ones(len(X))}
    )
    assert_same(scaler.fit(frame), frame)


@pytest.mark.parametrize("columns", [["a", "flag"], ["flag"], ["a"]])
def test_frame_of_float32_and_bool_stays_float32(columns: list[str]) -> None:
    frame = pd.DataFrame({"a": X[:, 0].astype(np.float32), "flag": X[:, 1] > 2})[columns]
    assert_same(StandardScaler().fit(frame), frame)


SPARSE = [StandardScaler(with_mean=False), MaxAbsScaler(), MaxAbsScaler(clip=True), RobustScaler(with_centering=False)]


@pytest.mark.parametrize("scaler", [*SPARSE, Binarizer(threshold=0.5)], ids=str)
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_sparse_columns_are_multiplied_by_the_reciprocal(scaler: StandardScaler, kind: type) -> None:
    x = X[:, :4].astype(kind)
    model = make_pipeline(KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf"), StandardScaler(with_mean=False), scaler)
    assert_same(model.fit(x), x)


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
@pytest.mark.parametrize(("kind", "tolerance"), [(np.float64, 1e-15), (np.float32, 5e-7)])
def test_normalizer(norm: str, kind: type, tolerance: float) -> None:
    x = around(X.astype(kind))
    x[3] = 0
    x[4] = 1e-19
    assert_same(Normalizer(norm).fit(x), x, rtol=0 if norm == "max" else 4 * tolerance)
    sparse = make_pipeline(KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf"), Normalizer(norm))
    assert_same(sparse.fit(x), x, rtol=tolerance)


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64, bool])
@pytest.mark.parametrize("threshold", [0.1, np.float64(0.1), 2])
def test_binarizer_keeps_the_dtype(kind: type, threshold: float) -> None:
    x = (
        X.astype(kind)
        if kind in (bool, np.int64)
        else np.concatenate([around(X.astype(kind)), around(np.full((1, 13), 0.1, kind))])
    )
    assert_same(Binarizer(threshold=threshold).fit(x), x)


@pytest.mark.parametrize(("kind", "tolerance"), [(np.float64, 1e-15), (np.float32, 1e-6)])
def test_kernel_centerer(kind: type, tolerance: float) -> None:
    x = StandardScaler().fit_transform(X)
    kernel = rbf_kernel(x, x[:20]).astype(kind)
    assert_same(KernelCenterer().fit(kernel[:20]), kernel, atol=tolerance)


# scikit-learn itself divides by zero where a column's range is a denormal; what comes of it must be the same all the same.
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning", "ignore:invalid value:RuntimeWarning")
@settings(max_examples=30, deadline=None)
@given(arrays(np.float32, (7, 3), elements=st.floats(-1e6, 1e6, width=32)), st.sampled_from(SCALERS))
def test_any_numbers(x: np.ndarray, scaler: StandardScaler) -> None:
    assert_same(scaler.fit(x), x)


def test_fast_mode_computes_in_float32() -> None:
    session = assert_same(StandardScaler().fit(X.astype(np.float32)), X.astype(np.float32), mode="fast")
    assert session.schema.outputs[0].dtype == "float32"


@pytest.mark.parametrize("method", ["yeo-johnson", "box-cox"])
@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_power_transformer(method: str, standardize: bool, kind: type) -> None:
    x = X[:, :6] if method == "box-cox" else np.c_[X[:, :6] - 2.5, 1e-9 * X[:, 0], np.full(len(X), 3.0)]
    x = x.astype(kind)
    model = PowerTransformer(method, standardize=standardize).fit(x)
    # A few last bits of the transformed numbers; where their mean is far from zero, the scaler magnifies them.
    bits = 8 * np.finfo(kind).eps
    magnified = bits * np.max(np.abs(model._scaler.mean_) / model._scaler.scale_) if standardize else 0.0
    assert_same(model, x, rtol=bits, atol=magnified)
    x[::9, 1] = np.nan
    assert_same(model, x, rtol=bits, atol=magnified)


@pytest.mark.parametrize("method", ["yeo-johnson", "box-cox"])
@pytest.mark.parametrize("exponent", [0.0, 2.0, 1.0, 1e-17, -3.0, 1e-6])
def test_power_transformer_of_special_exponents(method: str, exponent: float) -> None:
    x = np.r_[np.logspace(-14, 4, 90), 1.0][:, None]
    x = np.r_[x, -x, np.zeros((1, 1))] if method == "yeo-johnson" else x
    model = PowerTransformer(method, standardize=False).fit(np.abs(x[:90]))
    model.lambdas_[:] = exponent
    assert_same(model, x, rtol=1e-12)


def test_box_cox_refuses_what_is_not_positive() -> None:
    session = assert_same(PowerTransformer("box-cox").fit(X), X, rtol=1e-11, atol=1e-12)
    with pytest.raises(InputError, match="box-cox"):
        session.run(0 * X)


@pytest.mark.parametrize("distribution", ["uniform", "normal"])
@pytest.mark.parametrize("n_quantiles", [2, 10, 178])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_quantile_transformer(distribution: str, n_quantiles: int, kind: type) -> None:
    x = np.c_[X, np.repeat([1.0, 5.0], 89), np.full(len(X), 3.0), X[:, 0].round()].astype(kind)
    model = QuantileTransformer(n_quantiles=n_quantiles, output_distribution=distribution).fit(x)
    data = np.concatenate([x, around(x), model.quantiles_.astype(kind), np.full((1, x.shape[1]), np.nan, kind)])
    tolerance = 0.0 if distribution == "uniform" else 8 * np.finfo(kind).eps
    x[3] = np.nan
    assert_same(model, x, data, rtol=tolerance, atol=tolerance / 10)

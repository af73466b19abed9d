"""numpy's float32 functions, bit by bit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnxruntime
import scipy.special
from numpy._core._multiarray_umath import __cpu_features__
from sklearn.utils import _array_api
from spox import Tensor, Var, argument, build

from vajra_onnx.converters.sklearn import float32
from vajra_onnx.converters.sklearn.arrays import add_up
from vajra_onnx.graph.target import building

# Where numpy has these instructions, its log1p of float32 is Intel's SVML, of neither library's bits.
AVX512 = bool(__cpu_features__["AVX512_SKX"])
# Older scikit-learns take scipy's.
LOGSUMEXP = getattr(_array_api, "_logsumexp", scipy.special.logsumexp)


def computed(function: Callable[[Var], Var], x: np.ndarray, mode: str = "exact") -> np.ndarray:
    with building(mode=mode):
        variable = argument(Tensor(x.dtype, ("N", *x.shape[1:])))
        model = build({"x": variable}, {"y": function(variable)})
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": x})[0]  # type: ignore[no-any-return]


def test_exp_has_numpys_bits() -> None:
    rng = np.random.default_rng(0)
    edges = [0.0, -0.0, 88.722839, 88.72284, -87.4, -103.97208, -103.98, 1e30, -1e30, np.inf, -np.inf, np.nan]
    x = np.concatenate([rng.uniform(-104, 89, 20000), rng.normal(size=20000), 10 ** rng.uniform(-30, 2, 5000), edges])
    x = x.astype(np.float32)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(computed(float32.exp, x), np.exp(x))


def test_log_has_numpys_bits() -> None:
    rng = np.random.default_rng(0)
    edges = [0.0, -0.0, -1.0, 1e-45, 3e-39, 1.0, np.sqrt(2.0), np.sqrt(0.5), 3.4e38, np.inf, -np.inf, np.nan]
    x = np.concatenate([10 ** rng.uniform(-44, 38, 20000), rng.uniform(0.4, 2.2, 20000), edges]).astype(np.float32)
    x = np.concatenate([x, np.nextafter(x[-12:], np.float32(9)), np.nextafter(x[-12:], np.float32(0))])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(computed(float32.log, x), np.log(x))


def test_log1p_has_the_bits_of_the_c_library_or_the_exactly_rounded_ones() -> None:
    rng = np.random.default_rng(0)
    edges = [0.0, 1e-45, 1e-30, 0.41421354, 0.41421357, 1.0, 1.9999999, 2.0, 1e8, 3e38, np.inf, np.nan]
    x = np.concatenate([rng.uniform(0, 3, 20000), 10 ** rng.uniform(-20, 5, 20000), edges]).astype(np.float32)
    expected = np.log1p(x)
    if AVX512:
        np.testing.assert_allclose(computed(float32.log1p, x), expected, rtol=2.0**-22)
    elif (expected == np.log1p(x.astype(np.float64)).astype(np.float32)).all():  # glibc from 2.41 on
        np.testing.assert_allclose(computed(float32.log1p, x), expected, rtol=2.0**-23)
    else:
        np.testing.assert_array_equal(computed(float32.log1p, x), expected)


def test_exp_of_float64_and_of_fast_mode_is_the_operator() -> None:
    x = np.linspace(-5, 5, 101)
    np.testing.assert_allclose(computed(float32.exp, x), np.exp(x), rtol=1e-15)
    np.testing.assert_allclose(computed(float32.exp, x.astype(np.float32), "fast"), np.exp(x), rtol=1e-6)


def test_logsumexp() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(scale=10, size=(5000, 3)).astype(np.float32)
    x[:100] = np.round(x[:100])
    x[:9] = np.array([[a, b, 1.0] for a in (-np.inf, np.inf, np.nan) for b in (1.0, -np.inf, 2.0)])
    x[9] = -np.inf
    with np.errstate(all="ignore"):
        expected = LOGSUMEXP(np.asfortranarray(x), axis=1)
    got = computed(lambda v: float32.logsumexp(v, 3, add_up), x)[:, 0]
    assert (np.isnan(got) == np.isnan(expected)).all()
    finite = np.isfinite(expected)
    assert (got[~finite & ~np.isnan(got)] == expected[~finite & ~np.isnan(got)]).all()
    assert (got == expected)[finite].mean() > (0.98 if AVX512 else 0.999)
    np.testing.assert_allclose(got[finite], expected[finite], rtol=2.0**-23, atol=2.0**-23)

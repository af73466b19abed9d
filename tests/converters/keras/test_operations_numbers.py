"""Operations of keras.ops that compute number by number, or over an axis, in several types; what Keras refuses itself is left
out. Beside the proof, the graph is asked about other rows."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow", reason="Keras is tested where TensorFlow is installed: make test-keras")

import keras
import numpy as np
from keras import ops

import vajra_onnx as vo

UNARY = """
    abs absolute arccos arccosh arcsin arcsinh arctan arctanh cbrt ceil conjugate copy cos cosh deg2rad exp exp2 expm1 fabs
    floor isfinite isinf isnan isneginf isposinf log log10 log1p log2 logical_not nan_to_num negative rad2deg real reciprocal
    round sign signbit sin sinc sinh sqrt square tan tanh trunc ones_like zeros_like erf erfc rsqrt celu elu gelu hard_shrink
    hard_sigmoid hard_silu hard_tanh leaky_relu log_sigmoid log_softmax relu relu6 selu sigmoid silu soft_shrink softmax
    softplus softsign sparse_plus sparse_sigmoid sparsemax squareplus tanh_shrink stop_gradient bitwise_not
"""
BINARY = """
    add subtract multiply divide divide_no_nan maximum minimum fmax fmin power mod fmod floor_divide arctan2 hypot logaddexp
    greater greater_equal less less_equal equal not_equal logical_and logical_or logical_xor bitwise_and bitwise_or
    bitwise_xor heaviside isclose
"""
OVER = """
    sum mean max min prod amax amin any all std var count_nonzero ptp argmax argmin cumsum logsumexp nansum nanmean nanmax
    nanmin nanstd nanvar average
"""
KINDS = ("float32", "int32", "bool", "float16")
PAIRS = (("float32", "float32"), ("int32", "int32"), ("bool", "bool"), ("float32", "int32"), ("float16", "float32"))
# What the graph does not compute, as it says; everything else that Keras answers has to pass.
SAID = ("of booleans", "expected floats", "integers have no NaN", "divided by a tensor", "of operands that ONNX refuses")
SHAPE = (4, 3)


def rows(kind, seed, count=9):
    rng = np.random.default_rng(seed)
    if kind == "bool":
        return rng.integers(0, 2, (count, *SHAPE)).astype(bool)
    return (rng.normal(size=(count, *SHAPE)) * (3 if "int" in kind else 1)).astype(kind)


def proved(function, *kinds):
    """Whether it is proved; False where Keras has no answer, or the graph says that it has none."""
    inputs = [keras.Input(SHAPE, dtype=kind, name=f"x{i}") for i, kind in enumerate(kinds)]
    sample = {f"x{i}": rows(kind, i) for i, kind in enumerate(kinds)}
    try:
        model = keras.Model(inputs, function(*inputs))
        model(list(sample.values()))
    except Exception:  # Keras or TensorFlow has no such function of this type
        return False
    try:
        artifact = vo.convert(model, sample)
    except vo.UnsupportedError as error:
        if not any(part in str(error) for part in SAID):
            raise
        return False
    others = {name: rows(kind, 7 + i, 5) for i, (name, kind) in enumerate(zip(sample, kinds, strict=True))}
    (got,) = vo.load(artifact).run(others).values()
    want = np.asarray(model(list(others.values())))
    assert got.dtype == want.dtype
    tolerance = 4e-3 if "float16" in (str(want.dtype), *kinds) else 1e-5
    np.testing.assert_allclose(got.astype(float), want.astype(float), rtol=tolerance, atol=tolerance)
    return True


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", UNARY.split())
def test_unary(name):
    passed = [proved(getattr(ops, name), kind) for kind in KINDS]
    assert any(passed)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", BINARY.split())
def test_binary(name):
    function = getattr(ops, name)
    passed = [proved(function, *kinds) for kinds in PAIRS]
    assert any(passed)
    assert proved(lambda x, y: function(x[:, :1], y), *PAIRS[1 if "bitwise" in name else 0])
    if name not in ("bitwise_and", "bitwise_or", "bitwise_xor"):
        assert proved(lambda x: function(x, np.array([1.0, 2.0, 3.0], np.float32)), "float32")


@pytest.mark.parametrize("name", OVER.split())
def test_over_an_axis(name):
    function = getattr(ops, name)
    passed = [proved(lambda x: function(x, axis=-1), kind) for kind in KINDS]
    assert any(passed)
    assert proved(lambda x: function(x, axis=1), "float32")
    if name not in ("argmax", "argmin", "cumsum", "average", "count_nonzero"):
        assert proved(lambda x: function(x, axis=(1, 2), keepdims=True), "float32")


@pytest.mark.parametrize("kind", ["int8", "uint8", "int16", "int64", "float16", "bfloat16", "float64", "bool"])
def test_casts(kind):
    assert proved(lambda x: ops.cast(ops.cast(ops.clip(x * 9, 0, 100), kind), "float32"), "float32")


@pytest.mark.parametrize("half", ["float16", "bfloat16"])
def test_half_precision_is_rounded_after_every_operation(half):
    assert proved(lambda x: ops.cast(ops.cast(x, half) * 3 + 256, "float32"), "float32")
    # 257 is no number of bfloat16, and 2049 none of float16: what an integer is made of has been rounded before.
    number = 256 if half == "bfloat16" else 2048
    assert proved(lambda x: ops.cast(ops.cast(ops.round(x) * 0 + number, half) + 1, "int32"), "float32")


def test_zeros_that_are_moved_by_an_ulp_stay_zeros():
    """TensorFlow and JAX take the smallest floats for 0 wherever they compare."""
    x = keras.Input(SHAPE, name="x")
    functions = [ops.not_equal(x, 0), x > 0, ops.any(x, axis=1), ops.ceil(x), ops.cast(x, "bool"), ops.where(x, 1.0, 2.0)]
    sample = np.where(rows("bool", 0), rows("float32", 1), 0).astype(np.float32)
    assert vo.convert(keras.Model(x, functions), sample).certificate.passed

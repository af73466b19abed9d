"""scipy.special in plain operators."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import scipy.special
from spox import Tensor, argument, build

from vajra_onnx.converters.sklearn import special
from vajra_onnx.graph.target import building

LIMITS = [0.0, -0.0, 1.0, -1.0, np.nextafter(1.0, 2.0), 8.0, np.inf, -np.inf, np.nan]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_erf_to_the_last_ulps(dtype: type) -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate([np.linspace(-10, 10, 5001), rng.normal(size=5000), 10 ** rng.uniform(-30, 1.5, 2000), LIMITS]).astype(
        dtype
    )
    with building():
        variable = argument(Tensor(dtype, ("N",)))
        model = build({"x": variable}, {"y": special.erf(variable)})
    (got,) = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": x})
    np.testing.assert_allclose(got, scipy.special.erf(x), rtol=4 * np.finfo(dtype).eps)

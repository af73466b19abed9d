"""A forest with several jobs is proved against its trees added up in order."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import RandomForestRegressor

import vajra_onnx as vo


def test_a_forest_of_several_jobs_is_bit_identical() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 4))
    forest = RandomForestRegressor(40, max_depth=6, n_jobs=2, random_state=0).fit(x, x @ [1.0, 2.0, 3.0, 4.0])
    (output,) = vo.convert(forest, x).certificate.outputs
    assert output.bit_identical == output.rows

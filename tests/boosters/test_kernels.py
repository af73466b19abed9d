"""The boosters of the matrix by tree kernels and by onnxruntime's trees: the same bits, and no second way around them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from boosters.cases import Case, cases

from vajra_onnx.errors import VajraError
from vajra_onnx.export.build import build_model
from vajra_onnx.parity.original import quiet
from vajra_onnx.runtime.kernels import with_kernels
from vajra_onnx.runtime.session import load

pytest.importorskip("vajra_onnx_native", reason="the native wheel is not installed (make native)")

EVERY = 12  # of the matrix, whose models all go through the same few operators


@pytest.mark.parametrize("case", cases()[::EVERY], ids=lambda case: case.name)
def test_same_bits(case: Case) -> None:
    with quiet():
        model, sample = case.fitted()
    data = build_model(model, sample)[0].SerializeToString()
    one, two = load(data, kernels=False), load(data, threads=2)
    feeds = spread(one.feeds(sample))
    for batch in (1, 7, 40, None):
        rows = {name: array[:batch] for name, array in feeds.items()}
        expected, got = answers(one, rows), answers(two, rows)
        assert expected.keys() == got.keys()
        for name, array in expected.items():
            np.testing.assert_array_equal(got[name], array, strict=True)


def test_symmetric_trees_of_many_rows_are_not_gone_around() -> None:
    case = next(c for c in cases() if c.library == "CatBoost" and c.kind == "float32")
    with quiet():
        model, sample = case.fitted()
    exchanged = with_kernels(build_model(model, sample)[0].SerializeToString())
    assert exchanged is not None
    assert b"vajra_onnx.kernels.true" in exchanged[0]


def spread(feeds: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The rows several times: as they are, and numbers of them one ulp off, infinite, zero and missing."""
    rng = np.random.default_rng(0)
    several = {}
    for name, array in feeds.items():
        if array.dtype.kind != "f":
            several[name] = np.concatenate([array] * 4)
            continue
        odd = rng.choice(np.array([np.inf, -np.inf, 0.0, -0.0, np.nan, 1e-36, 1e30], array.dtype), array.shape)
        mixed = np.where(rng.random(array.shape) < 0.1, odd, array)
        up, down = (np.nextafter(array, array.dtype.type(end)) for end in (np.inf, -np.inf))
        several[name] = np.concatenate([array, up, down, mixed])
    return several


def answers(session: Any, rows: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What the session answers; nothing where it refuses."""
    try:
        return dict(session.run_feeds(rows))
    except VajraError:
        return {}

"""The spine's promise: five models behind imputation and one-hot encoding, on penguins and on flights, with no hand work."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vajra_onnx as vo

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

import cases

EXACT = {"RandomForest": "predict_proba", "XGBoost": "margin"}


@pytest.mark.parametrize("model", sorted(cases.MODELS))
@pytest.mark.parametrize("data", sorted(cases.DATA))
def test_converts_without_a_flip(data: str, model: str) -> None:
    pipeline, features = cases.fitted(data, model)
    artifact = vo.convert(pipeline, features.head(1000))
    certificate = artifact.certificate
    assert certificate.passed
    assert certificate.rows_by_kind["boundary"] > 0
    assert all(output.flips == 0 for output in certificate.outputs)
    if model in EXACT:
        (output,) = [o for o in certificate.outputs if o.name == EXACT[model]]
        assert output.bit_identical == output.rows
        assert all(o.ties == 0 for o in certificate.outputs)
    unseen = features.tail(2000)
    answers = vo.load(artifact).run(unseen)
    np.testing.assert_array_equal(answers["predict"], pipeline.predict(unseen))
    assert_probabilities(answers["predict_proba"], pipeline.predict_proba(unseen))


def assert_probabilities(got: Any, expected: Any) -> None:
    """Equal up to rounding in the original's own dtype."""
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(got, expected, rtol=1e-12 if expected.dtype == np.float64 else 1e-6, atol=1e-15)

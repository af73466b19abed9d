"""NMF and MiniBatchNMF: both solvers, every loss, penalties, and stops that depend on the batch."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from compare import assert_same, converted
from sklearn.decomposition import NMF, MiniBatchNMF

import vajra_onnx as vo
from vajra_onnx.errors import InputError, UnsupportedError

LOSSES = ["frobenius", "kullback-leibler", "itakura-saito", 0.5, 1.5, 3.0]
PENALTIES: list[dict[str, Any]] = [{}, {"alpha_W": 0.05, "l1_ratio": 0.3}, {"tol": 0.0}]


def positive(kind: str = "float64") -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.asarray(np.abs(rng.normal(size=(50, 4))) @ np.abs(rng.normal(size=(4, 6))), kind)


def fitted(kind: type, x: np.ndarray, **parameters: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it need not converge
        return kind(**{"n_components": 3, "init": "random", "random_state": 0, "max_iter": 40, **parameters}).fit(x)


@pytest.mark.filterwarnings("ignore:Maximum number of iterations")
@pytest.mark.parametrize("kind", ["float64", "float32"])
@pytest.mark.parametrize("parameters", [*PENALTIES, {"shuffle": True}, {"n_components": 1}], ids=str)
def test_coordinate_descent(parameters: dict[str, Any], kind: str) -> None:
    x = positive(kind)
    assert_same(fitted(NMF, x, **parameters), x, rtol=1e-12 if kind == "float64" else 1e-5)


@pytest.mark.filterwarnings("ignore:Maximum number of iterations")
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("parameters", PENALTIES, ids=str)
def test_multiplicative_updates(parameters: dict[str, Any], loss: Any) -> None:
    x = positive()
    for model in (
        fitted(NMF, x, solver="mu", beta_loss=loss, **parameters),
        fitted(MiniBatchNMF, x, beta_loss=loss, **parameters),
    ):
        assert_same(model, x, rtol=1e-12, atol=1e-13)


@pytest.mark.filterwarnings("ignore:Maximum number of iterations")
def test_a_row_is_answered_as_its_batch_is() -> None:
    x = positive()
    model = fitted(NMF, x, tol=1e-2)
    assert not np.allclose(model.transform(x)[:1], model.transform(x[:1]), rtol=1e-9)
    assert vo.convert(model, x).certificate.passed


def test_negative_numbers() -> None:
    x = positive()
    session, _ = converted(fitted(NMF, x), x)
    with pytest.raises(InputError, match="negative"):
        session.run(-x)
    session, _ = converted(fitted(MiniBatchNMF, x), x)
    with pytest.raises(InputError, match="finite"):
        session.run(-x)
    zeros = np.where(x < x.mean(), 0.0, x)
    session, _ = converted(fitted(NMF, x, solver="mu", beta_loss="itakura-saito"), x)
    with pytest.raises(InputError, match="zeros"):
        session.run(zeros)


def test_refused_by_name() -> None:
    x = positive()
    with pytest.raises(UnsupportedError, match="random_state"):
        converted(fitted(NMF, x, shuffle=True, random_state=None), x)
    with pytest.raises(UnsupportedError, match="float64 columns"):
        converted(fitted(NMF, x), x.astype(np.float32))


@pytest.mark.parametrize("kind", ["float64", "float32"])
def test_proof(kind: str) -> None:
    x = positive(kind)
    for model in (fitted(NMF, x), fitted(MiniBatchNMF, x)):
        assert vo.convert(model, x).certificate.passed

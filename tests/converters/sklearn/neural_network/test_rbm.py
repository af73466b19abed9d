"""BernoulliRBM: the probabilities of the hidden units."""

from __future__ import annotations

import numpy as np
import pytest
from compare import assert_same
from samples import FORMS, classification, in_form, tolerance
from sklearn.neural_network import BernoulliRBM

import vajra_onnx as vo


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_data(form: str) -> None:
    x, _ = classification("float64")
    data = in_form((x > 0).astype(float), form)
    assert_same(BernoulliRBM(4, n_iter=3, random_state=0).fit(data), data, **tolerance(data))


def test_proof() -> None:
    x = np.random.default_rng(0).uniform(size=(60, 5))
    assert vo.convert(BernoulliRBM(3, n_iter=3, random_state=0).fit(x), x).certificate.passed

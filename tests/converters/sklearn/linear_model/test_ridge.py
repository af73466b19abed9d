"""RidgeClassifier and RidgeClassifierCV, multilabel targets included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compare import assert_same
from samples import FORMS, LABELS, classification, tolerance
from sklearn.linear_model import RidgeClassifier, RidgeClassifierCV

OUTPUTS = ["predict", "decision_function"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("kind", [RidgeClassifier, RidgeClassifierCV])
def test_classifiers(kind: Any, form: str, labels: str) -> None:
    x, y = classification(form, labels)
    assert_same(kind().fit(x, y), x, outputs=OUTPUTS, **tolerance(x))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", [RidgeClassifier, RidgeClassifierCV])
def test_multilabel(kind: Any, form: str) -> None:
    x, y = classification(form)
    assert_same(kind().fit(x, np.stack([y == 0, y > 0, y == 2], axis=1).astype(int)), x, outputs=OUTPUTS, **tolerance(x))

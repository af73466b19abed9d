"""Every booster of the matrix converts with all its outputs and is proved on adversarial rows, or is refused by name."""

from __future__ import annotations

import pytest
from boosters.cases import Case, cases
from sweeps.sweep import prove_case

from vajra_onnx.errors import UnsupportedError
from vajra_onnx.parity.original import quiet

CASES = cases()
# What no export of the library tells enough about, and the words of the refusal.
REFUSED = {"CatBoost-MultiRMSE-categories": "whose statistics are of several targets"}


def test_the_matrix_is_wide() -> None:
    assert len(CASES) >= 150
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_converts_and_is_proved(case: Case) -> None:
    with quiet():
        model, rows = case.fitted()
    if case.name in REFUSED:
        with pytest.raises(UnsupportedError, match=REFUSED[case.name]):
            prove_case(model, rows)
        return
    certificate = prove_case(model, rows)
    margins = [output for output in certificate.outputs if output.method in ("margin", "apply")]
    assert margins
    assert all(output.bit_identical == output.rows for output in margins)

"""Certificates: one line for people, strict JSON for machines."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from vajra_onnx.errors import ArtifactError
from vajra_onnx.parity.certificate import Certificate, OutputReport, Tally

LABELS = OutputReport(
    name="label", method="predict", dtype="string", tolerance="equal", rtol=0.0, atol=0.0, discrete=True,
    by_kind={"sample": Tally(rows=1000, bit_identical=1000), "boundary": Tally(rows=284, bit_identical=284)},
    rows=1284, bit_identical=1284,
)  # fmt: skip
NUMBERS = replace(
    LABELS, name="predict_proba", method="predict_proba", dtype="float64", tolerance="1e-12", rtol=1e-12, discrete=False
)
CERTIFICATE = Certificate(
    passed=True, mode="exact", rows=1284, rows_by_kind={"sample": 1000, "boundary": 284}, singles=8, refused={"extreme": 3},
    answered={}, unanswered={}, outputs=(LABELS, NUMBERS), rule="none", versions={"python": "3.11.7"}, digest="ab12",
    created="2026-01-01T00:00:00+00:00", notes=("bridged: żółw",),
)  # fmt: skip


def test_summary_of_a_proof() -> None:
    assert CERTIFICATE.summary() == "proved: 1,284 rows, 0 label flips, predict_proba bit-identical on 1,284 of 1,284 rows"


def test_summary_of_a_failure_names_what_fails() -> None:
    outputs = (replace(LABELS, flips=1, ties=2), replace(NUMBERS, outside=3))
    failed = replace(CERTIFICATE, passed=False, outputs=outputs, unanswered={"missing": 1})
    assert failed.summary() == (
        "failed: 1,284 rows, 1 label flip, 2 ties, 1 row refused by the graph alone, predict_proba outside 1e-12 on 3 rows"
    )


def test_json_round_trip_with_infinite_errors() -> None:
    certificate = replace(CERTIFICATE, outputs=(LABELS, replace(NUMBERS, max_rel=float("inf"), max_ulp=float("inf"))))
    text = certificate.to_json()
    assert "Infinity" not in text
    assert Certificate.from_json(text) == certificate
    assert Certificate.from_json(text).to_json() == text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rows": "many"}, r"expected int, got 'many' - at \$.rows"),
        ({"rows": True}, r"expected int, got True - at \$.rows"),
        ({"version": 9}, "unknown certificate version: expected 1, got 9"),
        ({"extra": 1}, "not a certificate"),
        ({"outputs": [{"name": "x"}]}, r"at \$.outputs\[0\]"),
        ({"refused": {"sample": 1.5}}, r"\$.refused\['sample'\]"),
        ({"notes": "one"}, r"expected an array, got str - at \$.notes"),
    ],
)
def test_what_is_not_a_certificate_is_refused_with_its_place(change: dict[str, object], message: str) -> None:
    with pytest.raises(ArtifactError, match=message):
        Certificate.from_json(json.dumps(json.loads(CERTIFICATE.to_json()) | change))


@pytest.mark.parametrize("text", ["", "[]", "null", '{"version": 1}', "{"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ArtifactError):
        Certificate.from_json(text)


def test_by_kind_takes_the_worst_of_the_outputs() -> None:
    worse = replace(NUMBERS, by_kind=NUMBERS.by_kind | {"sample": Tally(rows=1000, bit_identical=3, outside=2, max_abs=0.5)})
    sample = replace(CERTIFICATE, outputs=(LABELS, worse)).by_kind["sample"]
    assert (sample.bit_identical, sample.outside, sample.max_abs, sample.passed) == (3, 2, 0.5, False)


def test_reading_a_certificate_imports_no_framework() -> None:
    code = (
        "import sys; from vajra_onnx.parity.certificate import Certificate; "
        "print([m for m in ('numpy', 'onnx', 'pandas', 'sklearn', 'spox') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"

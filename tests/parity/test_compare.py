"""Comparison: bits, tolerances, labels, and what can go wrong with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from vajra_onnx.frames.missing import NA, NAN, NONE
from vajra_onnx.parity.compare import Comparison, compare, tolerance


def compared(got: Any, expected: Any, method: str = "predict", mode: str = "exact", labels: bool = False) -> Comparison:
    got, expected = np.asarray(got), np.asarray(expected)
    return compare(got, expected, tolerance(expected, method, mode, labels=labels), mode)


def test_same_bits() -> None:
    x = np.array([1.0, -0.0, np.nan, np.inf, 5e-324])
    result = compared(x, x)
    assert result.identical.all()
    assert not result.wrong.any()
    assert result.ulp.max() == 0


def test_signed_zeros_are_equal_but_not_bit_identical() -> None:
    result = compared([0.0, 1.0], [-0.0, 1.0])
    assert not result.identical[0]
    assert not result.wrong[0]


@pytest.mark.parametrize(("got", "expected"), [(np.nan, 1.0), (1.0, np.nan), (np.inf, 1e308), (1e308, np.inf), (-np.inf, np.inf)])
def test_a_lone_nan_or_infinity_is_wrong(got: float, expected: float) -> None:
    for method in ("predict", "predict_proba", "predict_log_proba"):
        assert compared([got, 1.0], [expected, 1.0], method).wrong[0]


def test_float64_is_held_to_1e_12_of_its_own_column() -> None:
    expected = np.array([[1.0, 1e-6], [2.0, 2e-6]])
    assert not compared(expected * (1 + 9e-13), expected).wrong.any()
    assert compared(expected * (1 + 1.1e-12), expected).wrong.tolist() == [False, True]
    # The floor of the small column is small as well: 1e-12 of 2e-6, not of 2.
    assert compared(expected + np.array([[0, 1e-17], [0, 0]]), expected).wrong.tolist() == [True, False]
    assert compared(np.array([1e-8]) * (1 + 1e-9), np.array([1e-8])).wrong.all()


def test_what_is_left_of_a_cancellation_is_measured_on_the_scale_of_the_output() -> None:
    result = compared([1e-17, 3.0], [2e-17, 3.0], "decision_function")
    assert not result.wrong.any()
    assert result.ulp.max() <= 1
    assert compared([1e-11, 3.0], [2e-11, 3.0], "decision_function").wrong.tolist() == [True, False]


def test_probabilities_are_parts_of_one() -> None:
    assert not compared([[1e-14, 1.0]], [[0.0, 1.0]], "predict_proba").wrong.any()
    assert compared([[3e-12, 1.0]], [[0.0, 1.0]], "predict_proba").wrong.all()


def test_log_probabilities_inherit_the_rounding_of_the_probability() -> None:
    p = 1e-10
    assert not compared([np.log(p + 2.0**-53)], [np.log(p)], "predict_log_proba").wrong.any()
    assert not compared([-np.inf], [np.log(2.0**-53)], "predict_log_proba").wrong.any()
    assert compared([np.log(p * 1.01)], [np.log(p)], "predict_log_proba").wrong.all()
    assert compared([-0.5 * (1 + 3e-12)], [-0.5], "predict_log_proba").wrong.all()


def test_log_probabilities_in_float32() -> None:
    p = np.array([1e-5], np.float32)
    assert not compared(np.log(p + np.float32(2.0**-24)), np.log(p), "predict_log_proba").wrong.any()
    assert compared(np.log(p + np.float32(2.0**-20)), np.log(p), "predict_log_proba").wrong.all()


def test_float32_is_held_to_8_ulp() -> None:
    one = np.array([1.0, 1.0], np.float32)
    assert not compared(one + np.float32(8 * 2.0**-23), one).wrong.any()
    assert compared(one + np.float32(20 * 2.0**-23), one).wrong.all()


def test_fast_mode_is_scale_invariant() -> None:
    for scale in (1.0, 1e-8, 1e8):
        expected = np.array([1.0, 0.5, 1e-9]) * scale
        assert not compared((expected * (1 + 9e-5)).astype(np.float32), expected, mode="fast").wrong.any()
        assert compared((expected * (1 + 3e-4)).astype(np.float32), expected, mode="fast").wrong[:2].all()


def test_labels_are_equal_or_not() -> None:
    assert compared(["a", "b"], np.array(["a", "c"], object)).wrong.tolist() == [False, True]
    assert compared([1, 2], np.array([1, 3])).wrong.tolist() == [False, True]
    assert compared([True, False], [True, True]).wrong.tolist() == [False, True]
    assert compared([1.0, 1.0 + 1e-15], [1.0, 1.0], labels=True).wrong.tolist() == [False, True]


def test_missing_text_is_told_apart() -> None:
    expected = np.array([[None], [np.nan], [pd.NA], ["None"], ["nan"]], object)
    right = np.array([[NONE], [NAN], [NA], ["None"], ["nan"]], object)
    assert not compared(right, expected).wrong.any()
    assert compared(right[[1, 0, 0, 0, 1]], expected).wrong.all()


@pytest.mark.parametrize(
    ("got", "expected", "problem"),
    [
        (np.zeros(3), np.zeros((3, 1)), "shape"),
        (np.zeros(3, np.float32), np.zeros(3), "dtype"),
        (np.zeros(3, np.int64), np.zeros(3), "dtype"),
        (np.zeros(3), np.zeros(3, np.int64), "dtype"),
        (np.zeros(3, np.int64), np.zeros(3, bool), "dtype"),
    ],
)
def test_other_shapes_and_dtypes_are_wrong_throughout(got: np.ndarray, expected: np.ndarray, problem: str) -> None:
    result = compared(got, expected)
    assert result.problem.startswith(problem)
    assert result.wrong.all()


def test_fast_mode_may_answer_in_float32() -> None:
    assert not compared(np.zeros(3, np.float32), np.zeros(3), mode="fast").problem

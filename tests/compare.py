"""Compare a converted model with the original: the tool of every converter's test."""

from __future__ import annotations

from typing import Any

import numpy as np

from vajra_onnx.converters.registry import reference
from vajra_onnx.export import build_model
from vajra_onnx.runtime.session import Session


def converted(model: Any, sample: Any, outputs: Any = None, **options: Any) -> tuple[Session, dict[str, str]]:
    """A session for the unproven graph, and which method each output answers for."""
    proto, _, methods = build_model(model, sample, outputs, **options)
    return Session(proto.SerializeToString()), methods


def assert_same(
    model: Any, sample: Any, data: Any = None, outputs: Any = None, *, rtol: float = 0.0, atol: float = 0.0, **options: Any
) -> Session:
    """Every output equals the original's on `data` (the sample by default), at batch N and, for the first rows, at batch 1.

    rtol = atol = 0 demands bit-identical floats; labels and integers must always be equal. Error: |a - b| <= atol + rtol * |b|.
    """
    data = sample if data is None else data
    session, methods = converted(model, sample, outputs, **options)
    for batch in (data, *(_row(data, i) for i in range(min(5, len(data))))):
        answers = session.run(batch)
        for name, method in methods.items():
            expected = original(model, batch, method)
            assert_equal(answers[name], expected, name, rtol, atol)
    return session


def original(model: Any, data: Any, method: str) -> np.ndarray:
    """The original's answer as one array; `predict_proba_1` is the second of a list of answers."""
    head, _, tail = method.rpartition("_")
    if tail.isdigit():
        return np.asarray(reference(model, data, head)[int(tail)])
    answer = reference(model, data, method)
    return np.asarray(answer.toarray() if hasattr(answer, "toarray") else answer)


def assert_equal(got: np.ndarray, expected: np.ndarray, name: str, rtol: float = 0.0, atol: float = 0.0) -> None:
    """The comparison of one output; names the first row that differs."""
    assert got.shape == expected.shape, f"{name}: shape {got.shape}, expected {expected.shape}"
    if expected.dtype.kind != "f":
        assert got.dtype.kind == expected.dtype.kind or expected.dtype.kind in "OU", (
            f"{name}: {got.dtype}, expected {expected.dtype}"
        )
        same = np.asarray(got == expected)
    else:
        assert got.dtype == expected.dtype, f"{name}: {got.dtype}, expected {expected.dtype}"
        with np.errstate(invalid="ignore"):
            same = (
                (got == expected)
                | (np.isnan(got) & np.isnan(expected))
                | (np.abs(got - expected) <= atol + rtol * np.abs(expected))
            )
    if not same.all():
        row = int(np.argwhere(~same)[0][0])
        wrong = int((~same.reshape(len(same), -1).all(axis=1)).sum())
        raise AssertionError(f"{name}: {wrong} of {len(same)} rows differ; row {row}: {got[row]!r}, expected {expected[row]!r}")


def _row(data: Any, i: int) -> Any:
    return data.iloc[i : i + 1] if hasattr(data, "iloc") else data[i : i + 1]

"""The proof of networks: rows that depend on each other are no ties."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from vajra_onnx.parity.network import Pair, narrowed, prove
from vajra_onnx.schema import Column

FLOATS = (Column("x", "float32", (None, 3), finite=True),)
X = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)


class Centred:
    """The rows of a batch without their mean; as a session and as an original."""

    def run_feeds(self, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {"y": feeds["x"] - feeds["x"].mean(axis=0)}


def test_a_batch_whose_rows_depend_on_each_other_fails_by_what_a_row_alone_gets() -> None:
    proof = prove(Pair(Centred().run_feeds, Centred(), 1e-5), {"x": X}, FLOATS, ["y"])
    assert not proof.certificate.passed
    (output,) = proof.certificate.outputs
    assert output.outside > 0
    assert output.ties == 0
    assert (proof.worst["y"][0].got != proof.worst["y"][0].expected).any()
    assert "the rows of a batch depend on each other" in proof.failure()


class Deaf:
    """Twice the rows; and 0 for a NaN, where it is an original: it does not see what pooling may overlook."""

    def run_feeds(self, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {"y": 2 * feeds["x"]}

    def __call__(self, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {"y": np.nan_to_num(2 * feeds["x"], nan=0.0, posinf=np.inf, neginf=-np.inf)}


def test_where_a_place_of_nan_is_wrong_none_is_allowed_and_infinities_still_are() -> None:
    columns = (Column("x", "float32", (None, 3), nullable=True),)
    pair = Pair(Deaf(), Deaf(), 1e-5)
    failed = prove(pair, {"x": X}, columns, ["y"])
    assert not failed.certificate.passed
    (column,) = narrowed(columns, failed)
    assert (column.nullable, column.finite) == (False, False)
    proof = prove(pair, {"x": X}, [column], ["y"])
    assert proof.certificate.passed
    assert "missing" not in proof.certificate.rows_by_kind
    assert narrowed([column], proof) == (column,)


COUNTS = np.array([[5, 0, 0], [6, 7, 0], [0, 0, 0], [1, 2, 3]] * 5)
WIDE = (Column("x", "int64", (None, 3)),)


class Trimmed:
    """Numbers up to the last one of the batch that is not 0. least: the width has at least so many; none: whether it answers a
    batch of zeros alone."""

    def __init__(self, least: int = 0, none: bool = True) -> None:
        self.least, self.none = least, none

    def run_feeds(self, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        width = int((feeds["x"] != 0).any(axis=0)[::-1].argmax()) if feeds["x"].any() else 3
        if width == 3 and not self.none:
            raise ValueError("no number at all")
        return {"y": feeds["x"][:, : max(3 - width, self.least)]}


def _trimmed(original: Trimmed, graph: Trimmed) -> str:
    return prove(Pair(original.run_feeds, graph, 1e-5, moving=True), {"x": COUNTS}, WIDE, ["y"]).failure()


def test_widths_that_move_are_those_of_each_batch() -> None:
    assert _trimmed(Trimmed(), Trimmed()) == ""
    proof = prove(Pair(Trimmed().run_feeds, Trimmed(), 1e-5, moving=True), {"x": COUNTS}, WIDE, ["y"])
    golden = Trimmed().run_feeds(proof.golden.inputs)["y"]
    np.testing.assert_array_equal(proof.golden.outputs["y"], golden)


@pytest.mark.parametrize("least", [1, 3])
def test_a_graph_that_pads_small_batches_is_wrong(least: int) -> None:
    assert _trimmed(Trimmed(), Trimmed(least)).startswith("y: shape")


def test_a_batch_that_the_original_refuses_is_not_compared() -> None:
    assert _trimmed(Trimmed(none=False), Trimmed()) == ""
    assert "the graph refuses a batch of 1: no number at all" in _trimmed(Trimmed(), Trimmed(none=False))


def test_a_wrong_graph_is_not_excused_by_its_batch() -> None:
    class Doubled(Centred):
        def run_feeds(self, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
            return {"y": feeds["x"] * 2}

    proof = prove(Pair(lambda feeds: {"y": feeds["x"] * 3}, Doubled(), 1e-5), {"x": X}, FLOATS, ["y"])
    assert proof.failure().startswith("y expected")


class Tripled:
    """Three times the rows, off by a part of the largest number; in what it computes, as a session and as an original."""

    def __init__(self, off: float = 0.0, dtype: type = np.float32) -> None:
        self.off, self.dtype = off, dtype

    def run_feeds(self, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        y = 3 * feeds["x"].astype(np.float64)
        return {"y": (y + self.off * np.abs(y).max(axis=1, keepdims=True)).astype(self.dtype)}


def _precise(graph: float, original: float, precise: Tripled | None) -> bool:
    make = (lambda: None) if precise is None else (lambda: precise.run_feeds)
    pair = Pair(Tripled(original).run_feeds, Tripled(graph), 1e-5, precise=make)
    return prove(pair, {"x": X}, FLOATS, ["y"]).certificate.passed


def test_a_graph_that_equals_the_original_in_float64_is_right() -> None:
    wide = Tripled(dtype=np.float64)
    assert _precise(5e-6, 3e-5, wide)
    assert not _precise(5e-6, 3e-5, None)
    assert not _precise(3e-5, 0.0, wide)  # it is the graph that is off
    assert not _precise(6e-5, 3e-5, wide)  # both are, and the graph is more so
    assert _precise(3e-5, 6e-5, wide)  # and the graph is less so
    assert not _precise(0.0, 3e-4, wide)  # more than rounding
    assert not _precise(0.0, 3e-5, Tripled())  # no float64

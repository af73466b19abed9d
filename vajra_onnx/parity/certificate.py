"""The certificate: what was compared, where, and how close. Needs only the standard library: the server reads it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from ..errors import ArtifactError

VERSION = 1
METADATA_KEY = "vajra_onnx.certificate"


@dataclass(frozen=True)
class Tally:
    """What the comparison of one output found on some rows.

    bit_identical: rows with the same bits (any NaN equals any NaN). flips: rows whose label or integer differs. outside: rows
    with a number outside the tolerance. ties: rows that differ but are excused, by the certificate's `rule`; in neither count.
    max_abs, max_rel, max_ulp: the largest errors on rows that are not ties; relative errors and ulp are those of the expected
    number, or of the output's scale where the number is smaller (see parity/compare.py).
    """

    rows: int = 0
    bit_identical: int = 0
    flips: int = 0
    outside: int = 0
    ties: int = 0
    max_abs: float = 0.0
    max_rel: float = 0.0
    max_ulp: float = 0.0

    @property
    def passed(self) -> bool:
        """No flip, and nothing outside the tolerance."""
        return self.flips == 0 and self.outside == 0


@dataclass(frozen=True, kw_only=True)
class OutputReport(Tally):
    """One output's tally over all rows, with its name, the original's method and dtype, and the tolerance in words.

    rtol, atol: the tolerance |got - expected| <= max(atol, rtol * |expected|), also for golden vectors; 0 for labels.
    discrete: labels, integers and booleans, which are compared exactly. by_kind: the same tally per kind of row.
    """

    name: str
    method: str
    dtype: str
    tolerance: str
    rtol: float
    atol: float
    discrete: bool
    by_kind: dict[str, Tally]


@dataclass(frozen=True)
class Certificate:
    """The outcome of one proof.

    rows: rows compared, by kind in `rows_by_kind`; singles: how many of them at batch 1 as well. refused: rows by kind on
    which the original itself raised; they are not compared. answered: how many of those the graph answers nevertheless.
    unanswered: rows by kind that the original answers and the graph refuses; any of them fails the proof. rule: what counts
    as a tie. versions: of Python, the packages involved and vajra_onnx. digest: sha256 of the model without its metadata.
    created: ISO 8601, UTC. notes: "forced", "bridged: ...", and whatever else a reader must know.
    """

    passed: bool
    mode: str
    rows: int
    rows_by_kind: dict[str, int]
    singles: int
    refused: dict[str, int]
    answered: dict[str, int]
    unanswered: dict[str, int]
    outputs: tuple[OutputReport, ...]
    rule: str
    versions: dict[str, str]
    digest: str
    created: str
    notes: tuple[str, ...] = ()
    version: int = VERSION

    @property
    def by_kind(self) -> dict[str, Tally]:
        """All outputs together, per kind of row: the counts are the largest of any output, the errors too."""
        return {kind: _largest([o.by_kind[kind] for o in self.outputs if kind in o.by_kind]) for kind in self.rows_by_kind}

    @property
    def unproved(self) -> str:
        """Why nothing was compared, `not proved: ...`; empty where something was."""
        return next((note for note in self.notes if note.startswith("not proved")), "")

    def summary(self) -> str:
        """One line: `proved: 1,284 rows, 0 label flips, predict_proba bit-identical on 1,284 of 1,284 rows`."""
        if self.unproved:
            return self.unproved
        parts = [f"{'proved' if self.passed else 'failed'}: {self.rows:,} rows"]
        labels = [o for o in self.outputs if o.discrete]
        if labels:
            parts.append(_count(sum(o.flips for o in labels), "label flip"))
        if ties := max((o.ties for o in self.outputs), default=0):
            parts.append(_count(ties, "tie"))
        if unanswered := sum(self.unanswered.values()):
            parts.append(f"{_count(unanswered, 'row')} refused by the graph alone")
        for output in self.outputs:
            if not output.discrete:
                parts.append(_numbers(output))
        return ", ".join(parts)

    def to_json(self) -> str:
        """JSON, stable: the same certificate gives the same text. An infinite error is the string "inf"."""
        return json.dumps(_plain(asdict(self)), ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    @staticmethod
    def from_json(text: str) -> Certificate:
        """The inverse of `to_json`; raises ArtifactError for anything else."""
        try:
            data = json.loads(text)
        except ValueError as error:
            raise ArtifactError("not a certificate", expected="JSON", got=str(error)) from None
        if isinstance(data, dict) and data.get("version") != VERSION:
            raise ArtifactError(
                "unknown certificate version",
                expected=str(VERSION),
                got=str(data.get("version")),
                hint="a newer vajra-onnx wrote this model; upgrade to read it",
            )
        return _record(Certificate, data, "$")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _numbers(output: OutputReport) -> str:
    if output.outside:
        return f"{output.name} outside {output.tolerance} on {_count(output.outside, 'row')}"
    text = f"{output.name} bit-identical on {output.bit_identical:,} of {_count(output.rows, 'row')}"
    return text if output.bit_identical == output.rows else f"{text} (largest relative error {output.max_rel:.1e})"


def _largest(tallies: list[Tally]) -> Tally:
    if not tallies:
        return Tally()
    worst: dict[str, Any] = {f.name: max(getattr(t, f.name) for t in tallies) for f in fields(Tally)}
    return Tally(**worst | {"bit_identical": min(t.bit_identical for t in tallies)})


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


Record = TypeVar("Record")


def _record(kind: type[Record], data: Any, where: str) -> Record:
    """A dataclass of ours from JSON data, every field of it and nothing else, each of its own type."""
    expected = {f.name: f.type for f in fields(kind)}  # type: ignore[arg-type]
    if not isinstance(data, dict) or set(data) != set(expected):
        got = ", ".join(sorted(map(str, data))) if isinstance(data, dict) else type(data).__name__
        raise ArtifactError("not a certificate", expected=", ".join(expected), got=got, where=where)
    return kind(**{name: _READERS[str(of)](data[name], f"{where}.{name}") for name, of in expected.items()})


def _scalar(*kinds: type) -> Callable[[Any, str], Any]:
    def read(value: Any, where: str) -> Any:
        if type(value) not in kinds and not (kinds[0] is float and value in ("inf", "-inf", "nan")):
            raise ArtifactError("not a certificate", expected=kinds[0].__name__, got=repr(value), where=where)
        return kinds[0](value)

    return read


def _mapping(item: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    def read(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise ArtifactError("not a certificate", expected="an object", got=type(value).__name__, where=where)
        return {k: item(v, f"{where}[{k!r}]") for k, v in value.items()}

    return read


def _sequence(item: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    def read(value: Any, where: str) -> Any:
        if not isinstance(value, list):
            raise ArtifactError("not a certificate", expected="an array", got=type(value).__name__, where=where)
        return tuple(item(v, f"{where}[{i}]") for i, v in enumerate(value))

    return read


def _tally(value: Any, where: str) -> Tally:
    return _record(Tally, value, where)


_READERS: dict[str, Callable[[Any, str], Any]] = {
    "bool": _scalar(bool),
    "int": _scalar(int),
    "float": _scalar(float, int),
    "str": _scalar(str),
    "dict[str, int]": _mapping(_scalar(int)),
    "dict[str, str]": _mapping(_scalar(str)),
    "dict[str, Tally]": _mapping(_tally),
    "tuple[str, ...]": _sequence(_scalar(str)),
    "tuple[OutputReport, ...]": _sequence(lambda value, where: _record(OutputReport, value, where)),
}

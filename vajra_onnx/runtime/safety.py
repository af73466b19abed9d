"""A model is looked at before onnxruntime sees it: what it could make onnxruntime open or run is refused here.

onnxruntime reads external data from any path that a tensor names, and one special path makes it read its own memory. The
limits are few: a size, data inside the model's own folder, operators of ONNX and of onnxruntime itself. Custom-operator
libraries are never registered, so a domain that none of them defines cannot run in any case; it is refused by name.

Field numbers: onnx.proto of ONNX 1.19.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..errors import ArtifactError
from .wireformat import BYTES, VARINT, Field, fields, text

SIZE_LIMIT = 2**31
DEPTH_LIMIT = 50
DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft"})

# Which fields of a message hold messages, and of what kind; everything else is passed over.
_CHILDREN: dict[str, dict[int, str]] = {
    "model": {7: "graph", 14: "metadata", 20: "training", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "tensor": {13: "external"},
    "sparse": {1: "tensor", 2: "tensor"},
    "function": {7: "node", 11: "attribute"},
    "training": {1: "graph", 2: "graph"},
    "metadata": {},
    "external": {},
}
_DOMAIN = {"node": 7, "function": 10}
_GRAPH, _IR_VERSION = 7, 1


@dataclass
class Contents:
    """What a look at a model found. external: the paths that tensors name. domains: of the operators that are used, without
    those of the functions that the model defines itself."""

    metadata: dict[str, str] = field(default_factory=dict)
    external: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    defined: set[str] = field(default_factory=set)

    @property
    def domains(self) -> set[str]:
        return self.used - self.defined


def inspect(data: bytes) -> Contents:
    """Walk through a serialized ModelProto. Raises ArtifactError for bytes that are none."""
    contents = Contents()
    seen = {(f.number, f.kind) for f in fields(data)}
    if not {(_IR_VERSION, VARINT), (_GRAPH, BYTES)} <= seen:
        raise ArtifactError("not an ONNX model", expected="an IR version and a graph")
    _walk(data, 0, len(data), "model", contents, 0)
    return contents


def check_model(data: bytes, folder: Path | None = None, limit: int = SIZE_LIMIT) -> Contents:
    """Refuse a model that is not safe to open; answer what is in it.

    folder: where the model's file lies, the only place from which it may read data of its own; None for none at all. limit:
    of the bytes of the model and its external data. Raises ArtifactError.
    """
    check_size(len(data), limit)
    contents = inspect(data)
    unknown = contents.domains - DOMAINS
    if unknown:
        raise ArtifactError(
            "operators of an unknown domain",
            expected=" | ".join(repr(domain) for domain in sorted(DOMAINS)),
            got=", ".join(repr(domain) for domain in sorted(unknown)),
            hint="libraries of custom operators are never loaded",
        )
    size = len(data)
    for path in sorted(set(contents.external)):
        size += _external_file(path, folder).stat().st_size
    check_size(size, limit)
    return contents


def check_size(size: int, limit: int) -> None:
    """Refuse more bytes than the limit."""
    if size > limit:
        raise ArtifactError(
            "the model is too large", expected=f"at most {limit:,} bytes", got=f"{size:,}", hint="raise the size limit"
        )


def _external_file(location: str, folder: Path | None) -> Path:
    """The file that a tensor names, which has to lie in the model's own folder once every link is followed."""
    refused = ArtifactError("external data", expected="a file in the model's own folder", got=repr(location))
    # onnxruntime takes a location that starts with */_ORT_MEM_ADDR_/ for an address in its own memory.
    if folder is None or not location or location.startswith("*") or "\0" in location:
        raise refused
    home = folder.resolve()
    path = (home / location).resolve()
    if not path.is_relative_to(home) or not path.is_file():
        raise refused
    return path


def _walk(data: bytes, start: int, end: int, kind: str, contents: Contents, depth: int) -> None:
    if depth > DEPTH_LIMIT:
        raise ArtifactError("graphs within graphs", expected=f"at most {DEPTH_LIMIT} messages deep")
    if kind in ("metadata", "external"):
        _entry(data, start, end, kind, contents)
        return
    children, domain = _CHILDREN[kind], ""
    for each in fields(data, start, end, skip_runs=kind == "attribute"):
        if each.kind == BYTES and each.number in children:
            _walk(data, each.start, each.end, children[each.number], contents, depth + 1)
        elif each.number == _DOMAIN.get(kind) and each.kind == BYTES:
            domain = text(data, each)
    if kind == "node":
        contents.used.add(domain)
    elif kind == "function":
        contents.defined.add(domain)


def _entry(data: bytes, start: int, end: int, kind: str, contents: Contents) -> None:
    """A StringStringEntryProto: key 1, value 2."""
    entry: dict[int, Field] = {each.number: each for each in fields(data, start, end) if each.kind == BYTES}
    key = text(data, entry[1]) if 1 in entry else ""
    value = text(data, entry[2]) if 2 in entry else ""
    if kind == "metadata":
        contents.metadata[key] = value
    elif key == "location":
        contents.external.append(value)

"""Schema: the typed, named inputs and outputs of a model, as data.

The one vocabulary shared by converter, validator, server, client and bindings. It is stored as JSON in the model's
`metadata_props` under the key `vajra_onnx.schema`; docs/artifact.md is the specification for other languages.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from . import dtypes
from .errors import SchemaError

VERSION = 1
METADATA_KEY = "vajra_onnx.schema"

Category = str | int | float | bool
KINDS_OF_MISSING = ("nan", "None", "NA")


@dataclass(frozen=True)
class Column:
    """One input or output.

    name: verbatim, any Unicode. dtype: a name of `dtypes.DTYPES`. shape: None stands for the number of rows, or for any
    dimension that is not fixed. nullable: the original model answers when a value is missing (NaN, None, NaT); otherwise
    a missing value is refused. finite: the original model refuses infinite values, and so do we. categories: of a
    categorical column, the values in the order of their codes. missing: of a text column, the one kind of missing value that
    the original's column can hold ("nan", "None" or "NA"): a null in a row means that one; None where it can hold any kind.
    optional: the original is given Python dicts, in which this key may be absent; where it is a number, that is 0 to it.
    """

    name: str
    dtype: str
    shape: tuple[int | None, ...] = (None, 1)
    nullable: bool = False
    categories: tuple[Category, ...] | None = None
    finite: bool = False
    missing: str | None = None
    optional: bool = False

    def __post_init__(self) -> None:
        dtypes.dtype(self.dtype)
        if not isinstance(self.name, str) or not self.name:
            raise SchemaError("bad column name", expected="a non-empty string", got=repr(self.name))
        if self.missing not in (None, *KINDS_OF_MISSING):
            raise SchemaError("kind of missing value", expected=" | ".join(KINDS_OF_MISSING), got=repr(self.missing))

    def to_dict(self) -> dict[str, Any]:
        """The column as JSON-ready data; what is at its default is left out."""
        data: dict[str, Any] = {"name": self.name, "dtype": self.dtype, "shape": list(self.shape)}
        if self.nullable:
            data["nullable"] = True
        if self.finite:
            data["finite"] = True
        if self.optional:
            data["optional"] = True
        if self.missing is not None:
            data["missing"] = self.missing
        if self.categories is not None:
            data["categories"] = list(self.categories)
        return data

    @staticmethod
    def from_dict(data: dict[str, Any], where: str = "$") -> Column:
        """The inverse of `to_dict`; a SchemaError names the place of what does not fit."""
        unknown = set(data) - {"name", "dtype", "shape", "nullable", "categories", "finite", "missing", "optional"}
        if unknown or not {"name", "dtype", "shape"} <= set(data):
            raise SchemaError("bad column", expected="name, dtype, shape", got=", ".join(sorted(data)), where=where)
        categories = data.get("categories")
        return Column(
            name=data["name"],
            dtype=data["dtype"],
            shape=tuple(data["shape"]),
            nullable=bool(data.get("nullable", False)),
            categories=None if categories is None else tuple(categories),
            finite=bool(data.get("finite", False)),
            missing=data.get("missing"),
            optional=bool(data.get("optional", False)),
        )


@dataclass(frozen=True)
class Schema:
    """The inputs and outputs of a model, in order. Names are unique over both, as ONNX demands."""

    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    version: int = VERSION

    def __post_init__(self) -> None:
        if self.version != VERSION:
            raise SchemaError(
                "unknown schema version",
                expected=str(VERSION),
                got=str(self.version),
                hint="a newer vajra-onnx wrote this model; upgrade to read it",
            )
        refuse_duplicates([c.name for c in self.inputs], "$.inputs")
        refuse_duplicates([c.name for c in self.outputs], "$.outputs")
        both = {c.name for c in self.inputs} & {c.name for c in self.outputs}
        if both:
            name = sorted(both)[0]
            raise SchemaError(
                f"{name!r} is the name of an input and of an output",
                hint=f'rename the output: outputs={{"{name}": "{name}_out"}}',
            )

    @property
    def is_matrix(self) -> bool:
        """True when the model takes one array `X` [N, F] instead of named columns."""
        return len(self.inputs) == 1 and len(self.inputs[0].shape) == 2 and self.inputs[0].shape[1] != 1

    @property
    def is_tensors(self) -> bool:
        """True when an input is neither a column of a table nor that one array: images, sequences, several arrays."""
        return not self.is_matrix and any(c.shape != (None, 1) for c in self.inputs)

    @property
    def takes_dicts(self) -> bool:
        """True when the original is given rows as dicts, which need not have every key."""
        return any(c.optional for c in self.inputs)

    def to_json(self) -> str:
        """JSON, stable: the same schema gives the same text."""
        data = {
            "version": self.version,
            "inputs": [c.to_dict() for c in self.inputs],
            "outputs": [c.to_dict() for c in self.outputs],
        }
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

    @staticmethod
    def from_json(text: str) -> Schema:
        """The inverse of `to_json`; raises SchemaError for anything else."""
        try:
            data = json.loads(text)
            inputs, outputs, version = data["inputs"], data["outputs"], data["version"]
        except (ValueError, KeyError, TypeError) as error:
            raise SchemaError("not a schema", expected="JSON with version, inputs, outputs", got=str(error)) from None
        return Schema(
            inputs=tuple(Column.from_dict(c, f"$.inputs[{i}]") for i, c in enumerate(inputs)),
            outputs=tuple(Column.from_dict(c, f"$.outputs[{i}]") for i, c in enumerate(outputs)),
            version=version,
        )


def refuse_duplicates(names: Sequence[str], where: str) -> None:
    """A SchemaError for the first name that comes twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SchemaError(f"duplicate column name {name!r}", where=where, hint="rename one of the two columns")
        seen.add(name)

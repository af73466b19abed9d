"""Dict rows in which keys are absent: columns of them, and rows again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from vajra_onnx.errors import InputError, SchemaError
from vajra_onnx.frames import encode, infer, rebuild
from vajra_onnx.frames.dict_rows import absent_values, completed, conforming, filled, records
from vajra_onnx.frames.missing import ABSENT, NO_KEY, decode_text
from vajra_onnx.runtime.feeds import Feeder
from vajra_onnx.schema import Column, Schema

ROWS: list[dict[str, Any]] = [{"t": "a", "x": 1.5}, {"x": None, "n": 2}, {"ok": True, "t": None}, {}]
WHOLE = [
    {"t": "a", "x": 1.5, "n": 0, "ok": False},
    {"t": ABSENT, "x": None, "n": 2, "ok": False},
    {"t": None, "x": 0, "n": 0, "ok": True},
    {"t": ABSENT, "x": 0, "n": 0, "ok": False},
]
TEXT, NUMBER = Column("t", "string", optional=True), Column("x", "float64", optional=True)


def test_every_row_gets_every_key() -> None:
    assert completed(ROWS) == WHOLE
    assert completed(WHOLE) == WHOLE
    assert [(c.dtype, c.nullable) for c in infer(WHOLE)] == [
        ("string", True),
        ("float64", True),
        ("int64", False),
        ("bool", False),
    ]
    for other in (np.ones((2, 2)), ["a", "b"], {"t": ["a"]}, pd.DataFrame({"t": ["a"]})):
        assert completed(other) is other


def test_an_absent_key_is_no_missing_value() -> None:
    assert [c.nullable for c in infer([{"t": "a"}, {"t": ABSENT}])] == [False]
    assert encode(TEXT, ["a", ABSENT]).ravel().tolist() == ["a", NO_KEY]
    assert encode(Column("t", "string", nullable=True, missing="nan", optional=True), [ABSENT]).item() == NO_KEY
    assert decode_text(NO_KEY) is ABSENT
    for column in (Column("t", "string"), Column("t", "string", nullable=True), Column("t", "float64", nullable=True)):
        with pytest.raises(InputError, match="absent"):
            encode(column, [ABSENT])
    with pytest.raises(InputError, match="missing value"):
        encode(TEXT, [None, ABSENT])
    assert encode(Column("t", "string", nullable=True), ["\ufdd0absent"]).item() == "\ufdd0\ufdd0absent"


def test_rows_come_back_without_the_absent_keys() -> None:
    columns = {name: [row[name] for row in WHOLE] for name in WHOLE[0]}
    rows = records(rebuild(WHOLE, columns))
    assert [list(row) for row in rows] == [["t", "x", "n", "ok"], ["x", "n", "ok"], ["t", "x", "n", "ok"], ["x", "n", "ok"]]
    assert {type(row["n"]) for row in rows} == {int}
    assert {type(row["ok"]) for row in rows} == {bool}


def test_rows_are_filled_when_they_come() -> None:
    feeder = Feeder(Schema((TEXT, NUMBER), (Column("y", "float64"),)))
    for data in ({}, [{}], ({},)):
        assert {name: array.tolist() for name, array in feeder(data).items()} == {"t": [[NO_KEY]], "x": [[0.0]]}
    assert feeder({"x": 2.0})["x"].tolist() == [[2.0]]
    assert feeder([{"t": "a"}, {"x": 1.0, "t": "b"}])["x"].tolist() == [[0.0], [1.0]]
    for data in ([{"z": 1}], {"z": 1}, {"x": [1.0]}, [{"t": "a", "z": 1}, {}], pd.DataFrame({"x": [1.0]}), [{1: 2}]):
        with pytest.raises(InputError):
            feeder(data)
    assert filled({"x": [1.0]}, absent_values([TEXT])) == {"x": [1.0]}


def test_refused() -> None:
    with pytest.raises(SchemaError, match=r"expected text, got 1 - at \$\[1\]"):
        completed([{"a": 1}, {1: 2}])
    with pytest.raises(SchemaError, match="without any key"):
        completed([{}, {}])
    strict = Feeder(Schema((Column("t", "string", nullable=True), Column("x", "float64")), (Column("y", "float64"),)))
    for data in ({"x": 1.0}, [{"x": 1.0}], [{"x": 1.0, "t": "a"}, {"x": 1.0}]):
        with pytest.raises(InputError, match="differ"):
            strict(data)


def test_other_rows_for_the_same_model() -> None:
    rows = conforming([{"x": 1.0}, {}], [TEXT, NUMBER])
    assert rows == [{"t": ABSENT, "x": 1.0}, {"t": ABSENT, "x": 0}]
    assert [c.dtype for c in infer(rows)] == ["string", "float64"]
    assert conforming([{"x": 1.0}], [Column("x", "float64"), Column("y", "float64")]) == [{"x": 1.0}]
    with pytest.raises(InputError, match=r"expected the keys \['t', 'x'\], got 'z' - at \$\[1\]"):
        conforming([{"x": 1.0}, {"z": 1.0}], [TEXT, NUMBER])


def test_the_schema_says_it() -> None:
    schema = Schema((TEXT, Column("z", "bool")), ())
    assert schema.takes_dicts
    assert Schema.from_json(schema.to_json()) == schema
    assert not Schema((Column("z", "bool"),), ()).takes_dicts

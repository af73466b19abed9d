"""Session: answers, refusals, missing text, zero rows, threads, and files that cannot be loaded."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import pytest
from tiny import certify, echo, lookup

from vajra_onnx.errors import ArtifactError, InputError
from vajra_onnx.frames.missing import MARK
from vajra_onnx.runtime.session import Session, load
from vajra_onnx.schema import Column

TEXT = Column("word", "string", nullable=True)


def test_text_comes_out_as_it_went_in() -> None:
    session = Session(echo([TEXT]).SerializeToString())
    values = ["a", "", "nan", "None", MARK, MARK + "nan", "a\0b", None, np.nan, pd.NA]
    got = session.run({"word": values})["out:word"].ravel().tolist()
    assert got[:8] == values[:8]
    assert np.isnan(got[8])
    assert got[9] is pd.NA
    raw = session.run_feeds(session.feeds({"word": values}))["out:word"].ravel().tolist()
    assert raw[4:6] == [MARK * 2, MARK * 2 + "nan"]


def test_zero_rows_have_empty_answers() -> None:
    session = Session(echo([Column("x", "float32"), TEXT, Column("X", "int64", (None, 3))]).SerializeToString())
    answers = session.run([])
    assert {name: (a.shape, a.dtype.kind) for name, a in answers.items()} == {
        "out:x": ((0, 1), "f"),
        "out:word": ((0, 1), "O"),
        "out:X": ((0, 3), "i"),
    }
    assert list(session.run({"x": [], "word": [], "X": np.empty((0, 3), np.int64)}, ["out:x"])) == ["out:x"]


def test_outputs_are_chosen_by_name() -> None:
    session = Session(echo([Column("x", "float64"), Column("n", "int64")]).SerializeToString())
    row = {"x": 1.5, "n": 2}
    assert list(session.run(row)) == ["out:x", "out:n"]
    assert list(session.run(row, ["out:n"])) == ["out:n"]
    assert session.run(row, []) == {}
    for wrong in (["y"], "out:n"):
        with pytest.raises(InputError, match="unknown output"):
            session.run(row, wrong)


def test_a_check_in_the_graph_refuses_in_its_own_words() -> None:
    session = Session(lookup().SerializeToString())
    assert session.run({"code": [0, 1]})["answer"].ravel().tolist() == [10, 20]
    with pytest.raises(InputError) as caught:
        session.run({"code": 2})
    assert str(caught.value) == "found 'x' in column 'code'"
    with pytest.raises(InputError, match=r"rank|[Ii]nvalid"):
        session.run_feeds({"code": np.zeros((1, 1, 1), np.int64)})
    with pytest.raises(InputError, match="tensor"):
        session.run_feeds({"code": np.zeros((1, 1))})


def test_many_threads_share_a_session() -> None:
    session = Session(echo([Column("x", "float64"), TEXT]).SerializeToString())
    wrong: list[object] = []

    def work(start: int) -> None:
        for i in range(start, start + 300):
            answers = session.run({"x": float(i), "word": str(i)})
            if answers["out:x"].item() != i or answers["out:word"].item() != str(i):
                wrong.append(answers)

    threads = [threading.Thread(target=work, args=(n * 1000,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_answers_do_not_share_memory_with_the_data() -> None:
    session = Session(echo([Column("x", "float64")]).SerializeToString())
    frame = pd.DataFrame({"x": np.arange(5.0)})
    answer = session.run(frame)["out:x"]
    answer[:] = 7
    assert frame["x"].tolist() == [0, 1, 2, 3, 4]


def test_files_bytes_and_artifacts_load(tmp_path: Path) -> None:
    proto = echo([Column("x", "float64")])
    path = tmp_path / "a model.onnx"
    path.write_bytes(proto.SerializeToString())

    class Holder:
        model = proto

    for source in (path, str(path), proto.SerializeToString(), Holder()):
        assert load(source, threads=2).run({"x": 1.5})["out:x"].item() == 1.5


def test_what_is_no_model_of_ours_is_refused(tmp_path: Path) -> None:
    proto = echo([Column("x", "float64")])
    bare = onnx.ModelProto.FromString(proto.SerializeToString())
    del bare.metadata_props[:]
    renamed = onnx.ModelProto.FromString(proto.SerializeToString())
    renamed.metadata_props[0].value = renamed.metadata_props[0].value.replace('"x"', '"y"')
    broken = onnx.ModelProto.FromString(proto.SerializeToString())
    broken.metadata_props[0].value = "{}"
    unknown = onnx.ModelProto.FromString(proto.SerializeToString())
    unknown.graph.node[0].op_type = "NoSuchOperator"
    cases = {
        "the model has no schema": bare,
        r"schema and graph differ in their inputs: expected \['y'\], got \['x'\]": renamed,
        "schema cannot be read": broken,
        "onnxruntime can load": unknown,
    }
    for message, case in cases.items():
        with pytest.raises(ArtifactError, match=message):
            load(case.SerializeToString())
    with pytest.raises(ArtifactError, match="No such file"):
        load(tmp_path / "missing.onnx")
    with pytest.raises(ArtifactError, match="Is a directory"):
        load(tmp_path)


def test_a_model_changed_after_it_was_certified_is_refused() -> None:
    proto = echo([Column("x", "float64")])
    certify(proto)
    load(proto.SerializeToString())
    proto.metadata_props.add(key="anything", value="else")
    load(proto.SerializeToString())
    proto.graph.node[0].doc_string = "touched"
    with pytest.raises(ArtifactError, match="changed after it was certified"):
        load(proto.SerializeToString())

"""Hostile and damaged files: an ArtifactError, or a session that works, and never anything else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper
from tiny import certify, echo, lookup, model

from vajra_onnx.errors import ArtifactError, VajraError
from vajra_onnx.runtime.digest import model_digest
from vajra_onnx.runtime.safety import check_model, inspect
from vajra_onnx.runtime.session import Session, load
from vajra_onnx.runtime.wireformat import field_bytes, field_varint, fields
from vajra_onnx.schema import Column

X = Column("x", "float64")


def external(location: str, size: int = 8) -> onnx.ModelProto:
    """x plus a number that lies in another file."""
    weight = onnx.TensorProto(name="w", dims=[1], data_type=onnx.TensorProto.DOUBLE, data_location=onnx.TensorProto.EXTERNAL)
    weight.external_data.add(key="location", value=location)
    weight.external_data.add(key="length", value=str(size))
    return model([helper.make_node("Add", ["x", "w"], ["y"])], [X], [Column("y", "float64")], [weight])


def test_external_data_in_the_models_own_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(np.array([0.5]).tobytes())
    path = tmp_path / "model.onnx"
    path.write_bytes(external("weights.bin").SerializeToString())
    assert load(path).run({"x": 1.0})["y"].item() == 1.5
    with pytest.raises(ArtifactError, match="external data"):
        load(path.read_bytes())
    with pytest.raises(ArtifactError, match="too large"):
        load(path, size_limit=path.stat().st_size + 7)


def test_external_data_anywhere_else_is_refused(tmp_path: Path) -> None:
    home, outside = tmp_path / "home", tmp_path / "secret"
    (home / "sub").mkdir(parents=True)
    outside.write_bytes(bytes(8))
    (home / "link").symlink_to(outside)
    (home / "folder").symlink_to(tmp_path)
    for location in (
        "../secret",
        "sub/../../secret",
        str(outside),
        "link",
        "folder/secret",
        "missing",
        "sub",
        "",
        "*/_ORT_MEM_ADDR_/*",
        "weights\0.bin",
    ):
        path = home / "model.onnx"
        path.write_bytes(external(location).SerializeToString())
        with pytest.raises(ArtifactError, match=r"external data: expected a file in the model's own folder, .* - at "):
            load(path)


def _hidden(kind: str) -> onnx.ModelProto:
    """External data in every place where a tensor can be."""
    proto = echo([X])
    tensor = external("/etc/passwd").graph.initializer[0]
    node = proto.graph.node[0]
    if kind == "attribute":
        node.attribute.append(helper.make_attribute("value", tensor))
    elif kind == "tensors":
        node.attribute.append(helper.make_attribute("values", [tensor]))
    elif kind == "subgraph":
        node.attribute.append(helper.make_attribute("body", helper.make_graph([], "g", [], [], [tensor])))
    elif kind == "subgraphs":
        node.attribute.append(helper.make_attribute("bodies", [helper.make_graph([], "g", [], [], [tensor])]))
    elif kind == "sparse initializer":
        proto.graph.sparse_initializer.add().values.CopyFrom(tensor)
    elif kind == "sparse attribute":
        node.attribute.add(name="s", type=onnx.AttributeProto.SPARSE_TENSOR).sparse_tensor.indices.CopyFrom(tensor)
    elif kind == "function":
        inner = helper.make_node("Constant", [], ["c"])
        inner.attribute.append(helper.make_attribute("value", tensor))
        proto.functions.append(helper.make_function("own", "f", [], ["c"], [inner], [helper.make_opsetid("", 21)]))
    elif kind == "training":
        proto.training_info.add().initialization.initializer.append(tensor)
    elif kind == "after a long list":
        node.attribute.append(helper.make_attribute("many", list(range(10_000))))
        node.attribute.append(helper.make_attribute("more", [float(i) for i in range(10_000)]))
        node.attribute.append(helper.make_attribute("value", tensor))
    return proto


@pytest.mark.parametrize(
    "kind",
    [
        "attribute",
        "tensors",
        "subgraph",
        "subgraphs",
        "sparse initializer",
        "sparse attribute",
        "function",
        "training",
        "after a long list",
    ],
)
def test_external_data_is_found_wherever_it_hides(kind: str, tmp_path: Path) -> None:
    data = _hidden(kind).SerializeToString()
    assert inspect(data).external == ["/etc/passwd"]
    with pytest.raises(ArtifactError, match="external data"):
        check_model(data, tmp_path)


def test_a_field_that_comes_twice_is_seen_twice() -> None:
    hidden = field_bytes(7, external("/etc/passwd").graph.SerializeToString())
    data = hidden + echo([X]).SerializeToString()
    assert inspect(data).external == ["/etc/passwd"]


def test_domains(tmp_path: Path) -> None:
    proto = echo([X])
    proto.graph.node[0].domain = "evil.corp"
    with pytest.raises(ArtifactError, match=r"unknown domain: expected '' \| 'ai.onnx' .*got 'evil.corp' .*never loaded"):
        load(proto.SerializeToString())
    body = helper.make_graph([helper.make_node("Op", [], ["z"], domain="deep.down")], "g", [], [])
    proto.graph.node[0].attribute.append(helper.make_attribute("body", body))
    assert inspect(proto.SerializeToString()).domains == {"evil.corp", "deep.down"}


def test_functions_of_the_model_itself_run() -> None:
    proto = echo([X])
    proto.graph.node[0].domain, proto.graph.node[0].op_type = "own", "double"
    double = [helper.make_node("Add", ["a", "a"], ["b"])]
    proto.functions.append(helper.make_function("own", "double", ["a"], ["b"], double, [helper.make_opsetid("", 21)]))
    proto.opset_import.add(domain="own", version=1)
    assert load(proto.SerializeToString()).run({"x": 2.0})["out:x"].item() == 4.0


def test_size_limit(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(echo([X]).SerializeToString())
    for source in (path, path.read_bytes()):
        with pytest.raises(ArtifactError, match="too large: expected at most 100 bytes"):
            load(source, size_limit=100)


def test_files_of_onnxruntimes_own_format_are_refused() -> None:
    for data in (b"", b"hello", b"\0\0\0\0ORTM" + bytes(100), bytes(1000), b"\x80\x04\x95" + b"pickle", b"PK\x03\x04"):
        with pytest.raises(ArtifactError):
            load(data)
    # Valid protocol buffers whose bytes 4 to 8 are those by which onnxruntime knows its own, unchecked, format.
    data = b"\x08\x0a\x12\x04ORTM" + echo([X]).SerializeToString()
    assert load(data).run({"x": 1.0})["out:x"].item() == 1.0


def test_depth_is_limited() -> None:
    graph = b""
    for _ in range(100):
        graph = field_bytes(1, field_bytes(5, field_bytes(6, graph)))
    with pytest.raises(ArtifactError, match="deep"):
        inspect(field_varint(1, 10) + field_bytes(7, graph))


def test_tags_of_more_than_32_bits_are_refused() -> None:
    tag = (7 << 3 | 2) | 1 << 35  # a reader that keeps 32 bits sees field 7, a graph
    overlong = bytes([tag & 0x7F | 0x80, tag >> 7 & 0x7F | 0x80, tag >> 14 & 0x7F | 0x80, tag >> 21 & 0x7F | 0x80]) + bytes(
        [tag >> 28 & 0x7F | 0x80, tag >> 35 & 0x7F]
    )
    with pytest.raises(ArtifactError, match="damaged"):
        inspect(overlong + b"\x00" + echo([X]).SerializeToString())


def test_digest_leaves_the_metadata_out() -> None:
    proto = echo([X])
    before = model_digest(proto.SerializeToString())
    proto.metadata_props.add(key="k", value="v" * 1000)
    assert model_digest(proto.SerializeToString()) == before
    del proto.metadata_props[:]
    data = proto.SerializeToString()
    assert model_digest(data) == before
    import hashlib

    assert before == hashlib.sha256(data).hexdigest()
    proto.graph.name = "other"
    assert model_digest(proto.SerializeToString()) != before


def _certified() -> bytes:
    table = numpy_helper.from_array(np.arange(20.0), "w")
    nodes = [helper.make_node("Mul", ["x", "w"], ["m"]), helper.make_node("ReduceSum", ["m"], ["y"], keepdims=0)]
    proto = model(nodes, [X], [Column("y", "float64", ())], [table])
    certify(proto)
    return proto.SerializeToString()


DATA = _certified()
PLAIN = lookup().SerializeToString()


def _never_crashes(data: bytes) -> None:
    message = ""
    try:
        session = Session(data)
        session.run({column.name: [1] for column in session.schema.inputs})
    except VajraError as error:
        message = str(error)
    assert "\n" not in message


@given(st.integers(0, len(DATA) - 1))
@settings(max_examples=150, deadline=None)
def test_truncated_files(length: int) -> None:
    _never_crashes(DATA[:length])


@pytest.mark.parametrize("data", [DATA, PLAIN], ids=["certified", "without a certificate"])
@given(changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_flipped_bits(data: bytes, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(data)
    for place, mask in changes:
        damaged[place % len(data)] ^= mask
    _never_crashes(bytes(damaged))


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes(data: bytes) -> None:
    with pytest.raises(ArtifactError):
        load(data)


@given(st.binary(max_size=60))
@settings(max_examples=300, deadline=None)
def test_the_reader_agrees_with_protobufs_on_what_it_accepts(data: bytes) -> None:
    """Whatever onnx can parse, we can walk, unless it holds a group."""
    try:
        proto = onnx.ModelProto.FromString(data)
    except Exception:
        return
    try:
        found = list(fields(data))
    except ArtifactError:
        assert any(byte & 7 in (3, 4) for byte in data)
        return
    assert sum(1 for f in found if f.number == 14 and f.kind == 2) == len(proto.metadata_props)

"""The protocol's methods over a real connection, with messages of our own making."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serving import KINDS, frame

from vajra_onnx import dtypes
from vajra_onnx.errors import InputError
from vajra_onnx.frames.missing import MARK, NAN, NO_KEY, NONE
from vajra_onnx.runtime.session import load
from vajra_onnx.schema import METADATA_KEY, Column, Schema
from vajra_onnx.server.feeds import Checker
from vajra_onnx.wire import codec
from vajra_onnx.wire.service import METHODS
from vajra_onnx.wire.stubs import open_inference_pb2 as pb

INVALID = grpc.StatusCode.INVALID_ARGUMENT


def feeds(repository: Path, rows: int = 5) -> dict[str, np.ndarray]:
    """The columns of `people` as the wire carries them."""
    return dict(load(repository / "people/1/model.onnx").feeds(frame().head(rows)))


def everything(rows: int = 3) -> dict[str, np.ndarray]:
    """One column of every dtype."""
    columns: dict[str, np.ndarray] = {}
    for kind in KINDS:
        if kind == "string":
            columns[kind] = np.array(["a", "", "ü\n\t中"], dtype=object)[:rows, None]
        else:
            columns[kind] = np.arange(1, rows + 1).astype(dtypes.dtype(kind).numpy)[:, None]
    return columns


def infer(protocol: Any, model: str, columns: dict[str, np.ndarray], **options: Any) -> dict[str, np.ndarray]:
    return codec.read_outputs(protocol("ModelInfer", codec.infer_request(model, columns, **options)))


def test_live_ready_and_metadata(protocol: Any) -> None:
    assert protocol("ServerLive", pb.ServerLiveRequest()).live
    assert protocol("ServerReady", pb.ServerReadyRequest()).ready
    assert protocol("ServerMetadata", pb.ServerMetadataRequest()).name == "vajra-onnx"


@pytest.mark.parametrize(
    ("name", "version", "ready"),
    [("people", "", True), ("people", "1", True), ("people", "3", False), ("people", "x", False), ("nobody", "", False)],
)
def test_model_ready(protocol: Any, name: str, version: str, ready: bool) -> None:
    assert protocol("ModelReady", pb.ModelReadyRequest(name=name, version=version)).ready is ready


def test_model_metadata(protocol: Any, repository: Path) -> None:
    metadata = protocol("ModelMetadata", pb.ModelMetadataRequest(name="people"))
    assert (metadata.name, list(metadata.versions), metadata.platform) == ("people", ["1", "2"], "onnxruntime_onnx")
    assert [(t.name, t.datatype, list(t.shape)) for t in metadata.inputs] == [
        ("größe in cm", "FP64", [-1, 1]),
        ("weight.kg", "FP32", [-1, 1]),
        ("count", "INT64", [-1, 1]),
        ("colour", "BYTES", [-1, 1]),
    ]
    assert [(t.name, t.datatype, list(t.shape)) for t in metadata.outputs] == [
        ("predict", "BYTES", [-1]),
        ("predict_proba", "FP64", [-1, 2]),
    ]
    assert Schema.from_json(metadata.properties[METADATA_KEY]) == load(repository / "people/1/model.onnx").schema


def test_model_config_statistics_and_index(protocol: Any, repository: Path) -> None:
    config = protocol("ModelConfig", pb.ModelConfigRequest(name="echo")).config
    assert all(tensor.data_type for tensor in [*config.input, *config.output])
    before = protocol("ModelStatistics", pb.ModelStatisticsRequest(name="people", version="1")).model_stats[0]
    infer(protocol, "people", feeds(repository), version="1")
    after = protocol("ModelStatistics", pb.ModelStatisticsRequest(name="people", version="1")).model_stats[0]
    assert after.inference_count == before.inference_count + 5
    assert after.inference_stats.success.count == before.inference_stats.success.count + 1
    index = protocol("RepositoryIndex", pb.RepositoryIndexRequest())
    assert [(m.name, m.version, m.state) for m in index.models if m.name == "people"] == [
        ("people", "1", "READY"),
        ("people", "2", "READY"),
    ]


def test_every_dtype_comes_back_the_same(protocol: Any) -> None:
    answers = infer(protocol, "echo", everything())
    for kind, column in everything().items():
        np.testing.assert_array_equal(answers[f"{kind}_out"], column, strict=True)


def test_typed_contents_of_a_matrix(protocol: Any, repository: Path) -> None:
    rows = np.random.default_rng(2).normal(size=(4, 3))
    request = pb.ModelInferRequest(model_name="matrix")
    request.inputs.add(name="X", datatype="FP64", shape=[4, 3]).contents.fp64_contents.extend(rows.ravel())
    response = protocol("ModelInfer", request)
    expected = load(repository / "matrix/1/model.onnx").run(rows)
    assert len(response.raw_output_contents) == len(response.outputs) == 2
    for name, answer in codec.read_outputs(response).items():
        np.testing.assert_array_equal(answer, expected[name], strict=True)


def test_columns_in_any_order_and_flat(protocol: Any, repository: Path) -> None:
    columns = feeds(repository)
    expected = load(repository / "people/1/model.onnx").run_feeds(columns)
    backwards = {name: columns[name].ravel() for name in reversed(columns)}
    answers = infer(protocol, "people", backwards)
    assert answers["predict"].tolist() == expected["predict"].tolist()
    np.testing.assert_array_equal(answers["predict_proba"], expected["predict_proba"], strict=True)


def test_requested_outputs_id_and_version(protocol: Any, repository: Path) -> None:
    request = codec.infer_request("people", feeds(repository), ["predict_proba"], "1", "my id")
    response = protocol("ModelInfer", request)
    assert [output.name for output in response.outputs] == ["predict_proba"]
    assert (response.model_name, response.model_version, response.id) == ("people", "1", "my id")
    latest = protocol("ModelInfer", codec.infer_request("people", feeds(repository)))
    assert (latest.model_version, latest.id) == ("2", "")


def test_no_rows_give_no_answers(protocol: Any, repository: Path) -> None:
    none = {name: column[:0] for name, column in feeds(repository).items()}
    assert infer(protocol, "people", none)["predict_proba"].shape == (0, 2)


def test_unknown_models_and_versions_are_not_found(protocol: Any, repository: Path) -> None:
    code, text = protocol.refusal("ModelInfer", codec.infer_request("nobody", {}))
    assert (code, text) == (grpc.StatusCode.NOT_FOUND, "unknown model 'nobody': expected echo | matrix | people | strict")
    for version in ("7", "x", "-1", "²"):
        code, text = protocol.refusal("ModelInfer", codec.infer_request("people", feeds(repository), version=version))
        assert (code, text) == (grpc.StatusCode.NOT_FOUND, f"unknown version {version!r} of model 'people': expected 1 | 2")
    assert protocol.refusal("ModelMetadata", pb.ModelMetadataRequest(name="nobody"))[0] is grpc.StatusCode.NOT_FOUND


def test_loading_by_request_is_not_offered(protocol: Any) -> None:
    request = pb.RepositoryModelLoadRequest(model_name="people")
    assert protocol.refusal("RepositoryModelLoad", request)[0] is grpc.StatusCode.UNIMPLEMENTED


def changed(columns: dict[str, np.ndarray], **changes: Any) -> dict[str, np.ndarray]:
    return {name: column for name, column in {**columns, **changes}.items() if column is not None}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"count": None}, "inputs differ: expected 4 inputs, got missing ['count'] - at $.inputs"),
        ({"more": np.zeros((5, 1))}, "got unexpected ['more']"),
        ({"count": np.zeros((5, 1))}, "expected INT64, got FP64 - at $.columns['count']"),
        ({"colour": np.zeros((5, 1))}, "expected BYTES, got FP64 - at $.columns['colour']"),
        ({"count": np.array([["1"]] * 5, object)}, "expected INT64, got BYTES"),
        ({"weight.kg": np.zeros((5, 1))}, "expected FP32, got FP64 - at $.columns['weight.kg']"),
        ({"count": np.zeros((5, 2), np.int64)}, "expected shape [N, 1], got [5, 2] - at $.columns['count']"),
        ({"count": np.zeros((1, 5), np.int64)}, "expected shape [N, 1], got [1, 5]"),
        ({"count": np.zeros((), np.int64)}, "expected shape [N, 1], got []"),
        ({"count": np.zeros((5, 1, 1), np.int64)}, "expected shape [N, 1], got [5, 1, 1]"),
        ({"count": np.zeros((4, 1), np.int64)}, "expected 5 as in 'größe in cm', got 4 in 'count' - at $.inputs"),
        ({"größe in cm": np.full((5, 1), np.nan)}, "expected float64 without missing values, got a missing value in row 0"),
        (
            {"colour": np.array([["red"]] * 4 + [[NONE]], object)},
            "expected string without missing values",
        ),
        ({"colour": np.array([["red"]] * 4 + [[MARK + "x"]], object)}, "expected text, with a second U+FDD0"),
        ({"colour": np.array([["red"]] * 4 + [["pink"]], object)}, "colour"),
    ],
)
def test_data_that_does_not_fit_is_an_invalid_argument(protocol: Any, repository: Path, change: Any, message: str) -> None:
    columns = feeds(repository)
    code, text = protocol.refusal("ModelInfer", codec.infer_request("people", changed(columns, **change)))
    assert code is INVALID
    assert message in text
    assert infer(protocol, "people", columns)["predict"].shape == (5,)


def test_an_absent_key_passes_where_it_may() -> None:
    fed = {"t": np.array([["a"], [NO_KEY]], object)}
    assert Checker(Schema((Column("t", "string", optional=True),), ()))(fed)["t"] is fed["t"]
    with pytest.raises(InputError, match="second U\\+FDD0"):
        Checker(Schema((Column("t", "string", nullable=True),), ()))(fed)
    with pytest.raises(InputError, match="missing value"):
        Checker(Schema((Column("t", "string", optional=True),), ()))({"t": np.array([[NONE]], object)})


def test_the_graphs_own_refusal_has_the_sessions_text(protocol: Any, repository: Path) -> None:
    data = frame().head(2).assign(colour="pink")
    with pytest.raises(InputError) as refused:
        load(repository / "people/1/model.onnx").run(data)
    columns = changed(feeds(repository, 2), colour=np.array([["pink"]] * 2, object))
    assert protocol.refusal("ModelInfer", codec.infer_request("people", columns)) == (INVALID, str(refused.value))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("float64", np.nan),
        ("float32", np.inf),
        ("float16", -np.inf),
        ("string", NAN),
        ("string", NONE),
        ("datetime64", np.iinfo(np.int64).min),
    ],
)
def test_missing_and_infinite_values_are_refused_where_the_schema_says_so(protocol: Any, kind: str, value: Any) -> None:
    columns = everything()
    columns[kind][1, 0] = value
    code, text = protocol.refusal("ModelInfer", codec.infer_request("strict", columns))
    assert code is INVALID
    assert "in row 1" in text
    assert f"$.columns['{kind}']" in text
    answer = infer(protocol, "echo", columns)[f"{kind}_out"]
    np.testing.assert_array_equal(answer, columns[kind], strict=True)


def test_a_mark_that_is_doubled_is_text(protocol: Any) -> None:
    columns = everything()
    columns["string"][0, 0] = MARK + MARK + "nan"
    assert infer(protocol, "strict", columns)["string_out"][0, 0] == MARK + MARK + "nan"


@pytest.mark.parametrize("model", ["people", "matrix"])
def test_a_matrix_and_columns_are_not_mixed_up(protocol: Any, repository: Path, model: str) -> None:
    other = {"X": np.zeros((5, 3))} if model == "people" else feeds(repository)
    assert protocol.refusal("ModelInfer", codec.infer_request(model, other))[0] is INVALID


def test_a_matrix_needs_its_width(protocol: Any) -> None:
    code, text = protocol.refusal("ModelInfer", codec.infer_request("matrix", {"X": np.zeros((2, 4))}))
    assert (code, text) == (INVALID, "expected shape [N, 3], got [2, 4] - at $.columns['X']")


def test_unknown_outputs_are_refused(protocol: Any, repository: Path) -> None:
    code, text = protocol.refusal("ModelInfer", codec.infer_request("people", feeds(repository), ["predict", "x"]))
    assert (code, text) == (
        INVALID,
        "unknown output: expected some of ['predict', 'predict_proba'], got ['predict', 'x'] - at outputs",
    )


def test_a_long_refusal_reaches_the_client(protocol: Any) -> None:
    columns = {f"ü{i}" * 10: np.zeros((1, 1)) for i in range(500)}
    code, text = protocol.refusal("ModelInfer", codec.infer_request("people", columns))
    assert code is INVALID
    assert text.startswith("inputs differ: expected 4 inputs")
    assert text.endswith(" ...")


@pytest.mark.parametrize("method", [name for name, m in METHODS.items() if m.request.DESCRIPTOR.fields and not m.stream])
def test_garbage_is_an_invalid_argument(channel: grpc.Channel, method: str) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        channel.unary_unary(METHODS[method].path)(b"\xff\xff garbage", timeout=10)
    assert refused.value.code() is INVALID
    assert refused.value.details() == f"expected a inference.{method}Request, got 10 bytes of another kind"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_requests_are_answered_or_refused(channel: grpc.Channel, repository: Path, data: st.DataObject) -> None:
    message = bytearray(codec.infer_request("people", feeds(repository, 2)).SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del message[data.draw(st.integers(0, len(message))) :]
    answer = channel.unary_unary(METHODS["ModelInfer"].path).future(bytes(message), timeout=10)
    answer.exception()
    assert answer.code() in (grpc.StatusCode.OK, INVALID, grpc.StatusCode.NOT_FOUND), answer.details()


def test_unknown_methods_are_unimplemented(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        channel.unary_unary("/inference.GRPCInferenceService/Nothing")(b"", timeout=10)
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_stream_goes_on_after_a_refusal(channel: grpc.Channel, repository: Path) -> None:
    good = codec.infer_request("people", feeds(repository), request_id="a")
    bad = codec.infer_request("nobody", {}, request_id="b")
    method = METHODS["ModelStreamInfer"]
    stream = channel.stream_stream(method.path, lambda m: m.SerializeToString(), method.response.FromString)
    answers = list(stream(iter([good, bad, good]), timeout=10))
    assert [a.infer_response.id for a in answers] == ["a", "b", "a"]
    assert [bool(a.error_message) for a in answers] == [False, True, False]
    assert answers[0] == answers[2]


def test_garbage_on_a_stream_ends_it(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        list(channel.stream_stream(METHODS["ModelStreamInfer"].path)(iter([b"\xff\xff"]), timeout=10))
    assert refused.value.code() is INVALID

"""The service without any transport: what a transport hands over as bytes, and gets back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from serving import loaded

from vajra_onnx.runtime.session import load
from vajra_onnx.server.status import Code
from vajra_onnx.wire import codec
from vajra_onnx.wire.service import METHODS
from vajra_onnx.wire.stubs import open_inference_pb2 as pb

ROWS = np.ones((2, 3))
INFER = METHODS["ModelInfer"].path


def test_bytes_in_bytes_out(repository: Path) -> None:
    service = loaded(repository / "matrix")
    code, message, body = service.dispatch(INFER, codec.infer_request("matrix", {"X": ROWS}).SerializeToString())
    assert (code, message) == (0, "")
    answers = codec.read_outputs(pb.ModelInferResponse.FromString(body))
    expected = load(repository / "matrix/1/model.onnx").run(ROWS)
    np.testing.assert_array_equal(answers["predict_proba"], expected["predict_proba"], strict=True)


def test_refusals_are_codes_and_texts(repository: Path) -> None:
    service = loaded(repository / "matrix")
    assert service.dispatch("/nothing", b"")[:2] == (Code.UNIMPLEMENTED, "unknown method '/nothing'")
    assert service.dispatch(INFER, b"\xff\xff") == (
        Code.INVALID_ARGUMENT,
        "expected a inference.ModelInferRequest, got 2 bytes of another kind",
        b"",
    )
    assert service.dispatch(INFER, codec.infer_request("nobody", {}).SerializeToString()).code is Code.NOT_FOUND


def test_a_stream_ends_only_where_a_message_cannot_be_read(repository: Path) -> None:
    service = loaded(repository / "matrix")
    code, _, body = service.stream_answer(codec.infer_request("nobody", {}, request_id="7").SerializeToString())
    answer = pb.ModelStreamInferResponse.FromString(body)
    assert (code, answer.infer_response.id) == (Code.OK, "7")
    assert answer.error_message.startswith("unknown model 'nobody'")
    assert service.stream_answer(b"\xff\xff").code is Code.INVALID_ARGUMENT

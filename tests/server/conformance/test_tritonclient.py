"""tritonclient, as its documentation shows it, in the same process as the server and our own messages."""

from __future__ import annotations

import asyncio
import queue
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tritonclient.grpc as triton
from serving import frame
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from vajra_onnx.runtime.session import load
from vajra_onnx.server import Server

ROWS = np.random.default_rng(3).normal(size=(6, 3))


@pytest.fixture(scope="module")
def client(server: Server) -> Any:
    with triton.InferenceServerClient(server.address) as one:
        yield one


def matrix_input() -> Any:
    tensor = triton.InferInput("X", list(ROWS.shape), "FP64")
    tensor.set_data_from_numpy(ROWS)
    return tensor


def test_health_and_metadata(client: Any) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("people")
    assert not client.is_model_ready("nobody")
    assert client.get_server_metadata().name == "vajra-onnx"
    assert [t.name for t in client.get_model_metadata("matrix").outputs] == ["predict", "predict_proba"]
    assert client.get_model_config("matrix").config.input[0].name == "X"
    assert client.get_inference_statistics("matrix").model_stats[0].name == "matrix"
    assert len(client.get_model_repository_index().models) == 5


def test_a_matrix_gets_the_sessions_numbers(client: Any, repository: Path) -> None:
    wanted = [triton.InferRequestedOutput("predict_proba"), triton.InferRequestedOutput("predict")]
    result = client.infer("matrix", [matrix_input()], outputs=wanted, request_id="r1")
    expected = load(repository / "matrix/1/model.onnx").run(ROWS)
    for name in ("predict", "predict_proba"):
        np.testing.assert_array_equal(result.as_numpy(name), expected[name], strict=True)
    assert result.get_response().id == "r1"


def test_named_columns_with_text_get_the_sessions_numbers(client: Any, repository: Path) -> None:
    data = frame().head(7)
    inputs = []
    for name in reversed(data.columns):
        column = data[[name]].to_numpy()
        column = column.astype(object) if name == "colour" else column
        tensor = triton.InferInput(name, list(column.shape), np_to_triton_dtype(column.dtype))
        tensor.set_data_from_numpy(column)
        inputs.append(tensor)
    result = client.infer("people", inputs, model_version="1")
    expected = load(repository / "people/1/model.onnx").run(data)
    assert [text.decode() for text in result.as_numpy("predict")] == expected["predict"].tolist()
    np.testing.assert_array_equal(result.as_numpy("predict_proba"), expected["predict_proba"], strict=True)


@pytest.mark.parametrize("algorithm", ["gzip", "deflate"])
def test_compressed_requests_are_read(client: Any, repository: Path, algorithm: str) -> None:
    result = client.infer("matrix", [matrix_input()], compression_algorithm=algorithm)
    np.testing.assert_array_equal(result.as_numpy("predict"), load(repository / "matrix/1/model.onnx").run(ROWS)["predict"])


def test_errors_say_what_is_wrong(client: Any) -> None:
    with pytest.raises(InferenceServerException, match=r"\[StatusCode.NOT_FOUND\] unknown model 'nobody'"):
        client.infer("nobody", [matrix_input()])
    with pytest.raises(InferenceServerException, match=r"\[StatusCode.INVALID_ARGUMENT\] inputs differ"):
        client.infer("people", [matrix_input()])
    with pytest.raises(InferenceServerException, match="parameter 'classification'"):
        client.infer("matrix", [matrix_input()], outputs=[triton.InferRequestedOutput("predict", class_count=1)])


def test_the_callback_api(client: Any) -> None:
    answers: queue.Queue[Any] = queue.Queue()
    client.async_infer("matrix", [matrix_input()], lambda result, error: answers.put((result, error)))
    result, error = answers.get(timeout=10)
    assert error is None
    assert result.as_numpy("predict").shape == (6,)


def test_a_stream(client: Any) -> None:
    answers: queue.Queue[Any] = queue.Queue()
    client.start_stream(lambda result, error: answers.put((result, error)))
    client.async_stream_infer("matrix", [matrix_input()], request_id="1")
    client.async_stream_infer("nobody", [matrix_input()], request_id="2")
    client.async_stream_infer("matrix", [matrix_input()], request_id="3")
    got = [answers.get(timeout=10) for _ in range(3)]
    client.stop_stream()
    assert [result.get_response().id for result, error in got if error is None] == ["1", "3"]
    assert "unknown model 'nobody'" in str(got[1][1])


def test_the_async_client(server: Server) -> None:
    from tritonclient.grpc.aio import InferenceServerClient

    async def ask() -> Any:
        async with InferenceServerClient(server.address) as client:
            assert await client.is_server_ready()
            return (await client.infer("matrix", [matrix_input()])).as_numpy("predict")

    assert asyncio.run(ask()).shape == (6,)

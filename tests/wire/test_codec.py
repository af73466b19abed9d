"""Requests and responses as messages."""

from __future__ import annotations

import numpy as np
import pytest

from vajra_onnx.errors import InputError
from vajra_onnx.wire import codec
from vajra_onnx.wire.stubs.open_inference_pb2 import InferTensorContents, ModelInferRequest, ModelInferResponse

FEEDS = {"a": np.array([[1.5], [2.5]]), "naïve name": np.array([["x"], [""]], object)}


def request() -> ModelInferRequest:
    return ModelInferRequest.FromString(codec.infer_request("m", FEEDS, ["predict"], "3", "id7").SerializeToString())


def test_a_request_comes_back_the_same() -> None:
    read = request()
    assert (read.model_name, read.model_version, read.id) == ("m", "3", "id7")
    assert codec.requested_outputs(read) == ["predict"]
    arrays = codec.read_inputs(read)
    assert list(arrays) == list(FEEDS)
    for name, array in FEEDS.items():
        np.testing.assert_array_equal(arrays[name], array)


def test_a_response_comes_back_the_same() -> None:
    response = codec.infer_response("m", "3", "id7", FEEDS)
    read = ModelInferResponse.FromString(response.SerializeToString())
    assert (read.model_name, read.model_version, read.id) == ("m", "3", "id7")
    for name, array in codec.read_outputs(read).items():
        np.testing.assert_array_equal(array, FEEDS[name])


def test_a_response_with_typed_contents_is_read_too() -> None:
    response = ModelInferResponse()
    response.outputs.add(name="p", datatype="FP32", shape=[2], contents=InferTensorContents(fp32_contents=[1, 2]))
    np.testing.assert_array_equal(codec.read_outputs(response)["p"], np.array([1, 2], np.float32), strict=True)


def test_raw_and_typed_contents_exclude_each_other() -> None:
    both = request()
    both.inputs[1].contents.bytes_contents.append(b"x")
    with pytest.raises(InputError, match=r"expected raw_input_contents or typed contents, got both - at \$.inputs"):
        codec.read_inputs(both)


@pytest.mark.parametrize("change", ["pop", "append"])
def test_every_input_has_its_raw_contents(change: str) -> None:
    wrong = request()
    getattr(wrong.raw_input_contents, change)(*[b""] * (change == "append"))
    with pytest.raises(InputError, match=r"expected 2 entries, one per tensor, got [13] - at \$.raw_input_contents"):
        codec.read_inputs(wrong)


def test_an_input_that_comes_twice_is_refused() -> None:
    wrong = request()
    wrong.inputs[1].name = "a"
    with pytest.raises(InputError, match=r"a tensor comes twice - at \$.inputs\['a'\]"):
        codec.read_inputs(wrong)


def test_an_output_asked_for_twice_is_refused() -> None:
    wrong = request()
    wrong.outputs.add(name="predict")
    with pytest.raises(InputError, match="an output is requested twice"):
        codec.requested_outputs(wrong)


def test_parameters_that_change_the_meaning_are_refused() -> None:
    shared = request()
    shared.inputs[0].parameters["shared_memory_region"].string_param = "x"
    with pytest.raises(InputError, match="parameter 'shared_memory_region'"):
        codec.read_inputs(shared)
    classes = request()
    classes.outputs[0].parameters["classification"].int64_param = 3
    with pytest.raises(InputError, match="parameter 'classification'"):
        codec.requested_outputs(classes)


def test_parameters_that_change_nothing_are_let_through() -> None:
    harmless = request()
    harmless.inputs[0].parameters["comment"].string_param = "x"
    assert list(codec.read_inputs(harmless)) == list(FEEDS)

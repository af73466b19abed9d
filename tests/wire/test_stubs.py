"""The generated stubs: up to date, the protocol's own numbers, at home beside tritonclient in one process."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from vajra_onnx.wire.service import METHODS
from vajra_onnx.wire.stubs import open_inference_pb2

ROOT = Path(__file__).parents[2]


def test_generating_them_again_changes_nothing() -> None:
    generate = runpy.run_path(str(ROOT / "proto" / "generate.py"))
    for name, text in generate["files"]().items():
        assert (generate["STUBS"] / name).read_text(encoding="utf-8") == text, f"{name}: run python proto/generate.py"


def described(message: Any) -> dict[str, tuple[Any, ...]]:
    """Field by field; `properties` is the protocol's, but not Triton's."""
    return {
        f.name: (f.number, f.type, f.is_repeated, f.message_type and f.message_type.full_name)
        for f in message.fields
        if f.name != "properties"
    }


@pytest.mark.parametrize("name", sorted(open_inference_pb2.DESCRIPTOR.message_types_by_name))
def test_every_message_has_tritons_fields_and_numbers(name: str) -> None:
    from tritonclient.grpc import model_config_pb2, service_pb2

    theirs = service_pb2.DESCRIPTOR.message_types_by_name.get(name) or model_config_pb2.DESCRIPTOR.message_types_by_name[name]
    ours = open_inference_pb2.DESCRIPTOR.message_types_by_name[name]
    assert described(ours).items() <= described(theirs).items()
    for nested in ours.nested_types:
        if nested.name != "PropertiesEntry":
            assert described(nested).items() <= described(theirs.nested_types_by_name[nested.name]).items()


def test_every_method_is_tritons() -> None:
    from tritonclient.grpc import service_pb2

    theirs = service_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"].methods_by_name
    for name, method in METHODS.items():
        assert method.path == f"/inference.GRPCInferenceService/{name}"
        assert method.request.DESCRIPTOR.name == theirs[name].input_type.name
        assert method.response.DESCRIPTOR.name == theirs[name].output_type.name
        assert method.stream == theirs[name].server_streaming


@pytest.mark.parametrize("order", ["vajra_onnx.wire.service, tritonclient.grpc", "tritonclient.grpc, vajra_onnx.wire.service"])
@pytest.mark.parametrize("implementation", ["upb", "python"])
def test_both_can_be_imported_in_any_order(order: str, implementation: str) -> None:
    code = f"import {order}; from vajra_onnx.wire.stubs.open_inference_pb2 import ModelInferRequest as R; R(id='x')"
    env = {"PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": implementation}
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

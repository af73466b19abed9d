"""tf2onnx: a SavedModel becomes a graph in a process of its own, which may not take more than so much memory: a ResNet50 takes it
7 GB, a VGG16 more than 12.

What it makes has opset 18, its highest. Operators that changed since in the types alone that they take are raised to the opset
that is built for; any other is refused. The proof judges it like everything else, and the certificate names it.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import onnx
from onnx.defs import SchemaError, get_schema
from spox import Var

from ...errors import UnsupportedError
from ...graph.inline import inlined
from ...graph.target import current

NEWEST, RAISED_TO = 18, 21
MEMORY, SECONDS = "VAJRA_ONNX_TF2ONNX_GB", 900
SIGNATURE = "serving_default"

# Which of their versions 18 to 21 differ in types, or in what tf2onnx does not use (dilations of AveragePool, axes of Resize).
ALIKE = frozenset({
    "AveragePool", "Cast", "CastLike", "Constant", "ConstantOfShape", "DequantizeLinear", "Equal", "Flatten", "Identity", "If",
    "IsInf", "IsNaN", "Loop", "Pad", "QuantizeLinear", "ReduceMax", "ReduceMin", "Reshape", "Resize", "Scan", "Shape", "Size",
    "Squeeze", "Transpose", "Unsqueeze",
})  # fmt: skip

CHILD = """
import runpy, sys
limit = int(sys.argv.pop(1))
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
except ImportError:
    pass  # there are no such limits here
runpy.run_module("tf2onnx.convert", run_name="__main__")
"""


def available() -> bool:
    """Whether tf2onnx is installed."""
    return importlib.util.find_spec("tf2onnx") is not None


def emitted(folder: Path, inputs: Mapping[str, Var]) -> dict[str, Var]:
    """The outputs of a SavedModel's signature by name. Raises UnsupportedError for what tf2onnx does not convert."""
    proto = exported(folder, min(current().opset, NEWEST))
    raise_opset(proto, current().opset)
    given = [node.name for node in proto.graph.input]
    if not set(given) <= set(inputs):
        raise UnsupportedError("the inputs of tf2onnx' graph", expected=", ".join(inputs), got=", ".join(given))
    outputs = inlined(proto, [inputs[name] for name in given])
    names = [node.name for node in proto.graph.output]
    for name, var in zip(names, outputs, strict=True):
        if var.unwrap_tensor().shape is None:
            raise UnsupportedError(f"tf2onnx' graph does not say how many axes {name!r} has")
    return dict(zip(names, outputs, strict=True))


def exported(folder: Path, opset: int) -> onnx.ModelProto:
    """What tf2onnx makes of a SavedModel."""
    if not available():
        raise UnsupportedError("a SavedModel is converted by tf2onnx", hint="pip install tf2onnx")
    gigabytes = float(os.environ.get(MEMORY, "8"))
    with tempfile.TemporaryDirectory(prefix="vajra-") as name:
        out = Path(name) / "model.onnx"
        command = [sys.executable, "-W", "ignore", "-c", CHILD, str(int(gigabytes * 2**30)), "--saved-model", str(folder),
                   "--signature_def", SIGNATURE, "--tag", "serve", "--opset", str(opset), "--output", str(out)]  # fmt: skip
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, env=environment)
        except subprocess.TimeoutExpired:
            raise UnsupportedError(f"tf2onnx takes more than {SECONDS} s") from None
        if done.returncode or not out.exists():
            raise _failure(done.stderr, done.returncode, gigabytes)
        return onnx.load(out)


def raise_opset(proto: onnx.ModelProto, opset: int) -> None:
    """Declare a newer opset, in which every operator of the graph means what it meant. Raises UnsupportedError for others."""
    entry = next(o for o in proto.opset_import if o.domain in ("", "ai.onnx"))
    if opset > max(entry.version, RAISED_TO):
        raise UnsupportedError("target opset of a graph of tf2onnx", expected=f"at most {RAISED_TO}", got=str(opset))
    kinds = {node.op_type for node in _nodes(proto.graph) if node.domain in ("", "ai.onnx")} - ALIKE
    changed = [k for k in sorted(kinds) if _since(k, entry.version) != _since(k, opset)]
    if changed:
        raise UnsupportedError(f"tf2onnx' operators at opset {opset}", got=", ".join(changed), hint=f"--target-opset {NEWEST}")
    entry.version = opset
    used = {node.domain for node in _nodes(proto.graph)}
    kept = [o for o in proto.opset_import if o.domain in ("", "ai.onnx") or o.domain in used]
    del proto.opset_import[:]
    proto.opset_import.extend(kept)


def _since(kind: str, opset: int) -> int:
    try:
        return int(get_schema(kind, opset).since_version)
    except SchemaError:  # tf2onnx leaves an operator of TensorFlow in the graph where it has nothing for it
        raise UnsupportedError(f"tf2onnx has no operator for {kind}") from None


def _nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _nodes(attribute.g)


def _failure(stderr: str, code: int, gigabytes: float) -> UnsupportedError:
    lines = stderr.strip().splitlines() or [f"exit code {code}"]
    if code < 0 or any(word in stderr for word in ("MemoryError", "bad_alloc", "Cannot allocate", "failed to map segment")):
        return UnsupportedError(f"tf2onnx needs more than {gigabytes:g} GB of memory", hint=f"allow more by {MEMORY}")
    return UnsupportedError(f"tf2onnx cannot convert the model: {lines[-1][:200]}")

"""vajra-onnx: the whole trained pipeline as one ONNX graph, proved equal to the original, served over gRPC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .artifact import Artifact
    from .client import AsyncClient, Client
    from .converters.chain import Chain, chain
    from .converters.registry import converts
    from .errors import (
        ArtifactError,
        InputError,
        OutOfMemoryError,
        ParityError,
        SchemaError,
        ServerError,
        UnsupportedError,
        UntrustedError,
        VajraError,
    )
    from .export.convert import convert
    from .parity.certificate import Certificate
    from .runtime.session import Session, load
    from .schema import Column, Schema

# Where each public name lives. They are imported when they are first used: the runtime side needs none of the converters'
# libraries, and a program that only converts does not load grpc.
_HOMES = {
    "Artifact": "artifact",
    "ArtifactError": "errors",
    "AsyncClient": "client",
    "Certificate": "parity.certificate",
    "Chain": "converters.chain",
    "Client": "client",
    "Column": "schema",
    "InputError": "errors",
    "OutOfMemoryError": "errors",
    "ParityError": "errors",
    "Schema": "schema",
    "SchemaError": "errors",
    "ServerError": "errors",
    "Session": "runtime.session",
    "UnsupportedError": "errors",
    "UntrustedError": "errors",
    "VajraError": "errors",
    "chain": "converters.chain",
    "convert": "export.convert",
    "converts": "converters.registry",
    "load": "runtime.session",
}

__all__ = [
    "Artifact",
    "ArtifactError",
    "AsyncClient",
    "Certificate",
    "Chain",
    "Client",
    "Column",
    "InputError",
    "OutOfMemoryError",
    "ParityError",
    "Schema",
    "SchemaError",
    "ServerError",
    "Session",
    "UnsupportedError",
    "UntrustedError",
    "VajraError",
    "__version__",
    "chain",
    "convert",
    "converts",
    "load",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'vajra_onnx' has no attribute {name!r}")
    import importlib

    try:
        value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    except ModuleNotFoundError as error:
        raise ImportError(f"vajra_onnx.{name} needs {error.name} (hint: pip install 'vajra-onnx[convert]')") from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__

"""The transport of the wheel vajra-onnx-native: HTTP/2, gRPC and models in Rust, without Python's lock (docs/adr/0007)."""

from .transport import NativeTransport

__all__ = ["NativeTransport"]

//! The native transport of vajra-onnx: HTTP/2 and gRPC over nghttp2's codec, ONNX Runtime through its C API, no Python lock.
//!
//! It answers what needs no thought and leaves everything else, every refusal of a request's data included, to the Python
//! service behind `dispatch`. docs/adr/0007-native-transport.md says why.

mod access;
mod batch;
mod call;
mod caller;
mod compression;
mod connection;
mod counts;
mod dispatch;
mod feeds;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod health;
mod http2;
mod inbox;
mod journal;
mod messages;
mod method;
mod model;
mod opening;
mod phases;
mod poll;
mod protobuf;
mod python;
mod reactor;
mod route;
mod runtime;
mod schema;
mod server;
mod status;
mod stream;
mod tls;
mod trees;
mod work;

#[pyo3::pymodule]
mod vajra_onnx_native {
    #[pymodule_export]
    use crate::caller::Caller;
    #[pymodule_export]
    use crate::python::{Handle, Server, Tls};
    #[pymodule_export]
    use crate::trees::python::with_tree_kernels;
}

//! Tree ensembles without ONNX Runtime's operator: an operator of our own in its place, in memory only, with the same bits.
//!
//! docs/adr/0008-tree-kernel.md says why, and what it gains.

mod cuts;
mod ensemble;
mod forest;
mod kernel;
mod number;
pub mod operator;
mod places;
pub mod python;
pub mod rewrite;
mod steps;
mod walk;

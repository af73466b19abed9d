//! What Python sees of the trees.

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::rewrite::rewrite;

/// The model with its tree ensembles as operators of this library, which has to be registered with the session; None without any.
#[pyfunction]
pub fn with_tree_kernels<'py>(py: Python<'py>, model: &[u8]) -> Option<Bound<'py, PyBytes>> {
    py.detach(|| rewrite(model)).map(|new| PyBytes::new(py, &new))
}

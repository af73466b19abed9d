//! What Python sees: `Server`, and a `Handle` for each model on it.

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::model::{Counts, Model, Settings};
use crate::runtime::{Runtime, Session};
use crate::schema::Schema;
use crate::server::{self, Limits, Phase, Shared};

/// A gRPC server that listens from the moment it is made.
///
/// dispatch: `(path, message, metadata, seconds) -> (status, text, reply)`, called on threads of its own for every call that is not
/// answered natively. onnxruntime: the path of its library. max_message: bytes. waiting: calls that may wait for `dispatch`.
/// reactors: threads that read and write; workers: threads that run models for longer.
#[pyclass(frozen)]
pub struct Server {
    server: server::Server,
    runtime: Arc<Runtime>,
    #[pyo3(get)]
    port: u16,
}

/// One version of a model on a server.
#[pyclass(frozen)]
pub struct Handle {
    /// None once it was removed, so that the session goes with the last request.
    model: Mutex<Option<Arc<Model>>>,
    counts: Arc<Counts>,
}

#[pymethods]
impl Server {
    #[new]
    #[pyo3(signature = (host, port, dispatch, onnxruntime, *, max_message = 64 << 20, max_streams = 1024, connections = 4096,
                        waiting = 1000, reactors = 1, workers = 1, dispatchers = 2))]
    #[expect(clippy::too_many_arguments, reason = "they are named in Python")]
    fn new(
        py: Python<'_>,
        host: &str,
        port: u16,
        dispatch: Py<PyAny>,
        onnxruntime: &str,
        max_message: usize,
        max_streams: u32,
        connections: usize,
        waiting: usize,
        reactors: usize,
        workers: usize,
        dispatchers: usize,
    ) -> PyResult<Self> {
        let runtime = Runtime::load(onnxruntime).map_err(PyValueError::new_err)?;
        let listener = TcpListener::bind((host, port))?;
        let port = listener.local_addr()?.port();
        let limits = Limits { max_message, max_streams, connections };
        let server = server::Server::start(Shared::new(limits, waiting, reactors.max(1))?, listener, workers.max(1))?;
        for index in 0..dispatchers.max(1) {
            let (shared, function) = (server.shared.clone(), dispatch.clone_ref(py));
            let work = move || shared.dispatch.work(&function, |address, reply| shared.answer(address, reply));
            server.add_thread(thread::Builder::new().name(format!("dispatch-{index}")).spawn(work)?);
        }
        Ok(Self { server, runtime, port })
    }

    /// Load a model; it answers once this returns. The caller has verified it. threads: inside one run.
    /// max_batch: rows that run together; max_delay: seconds that a request may wait for others. concurrency: runs at once.
    /// queue, queue_timeout: requests that may wait, and seconds that they may; 0 for as long as their own deadline lets them.
    #[pyo3(signature = (name, version, model, schema, *, folder = None, threads = 1, max_batch = 1, max_delay = 0.0,
                        concurrency = 1, queue = 1000, queue_timeout = 0.0))]
    #[expect(clippy::too_many_arguments, reason = "they are named in Python")]
    fn add_model(
        &self,
        py: Python<'_>,
        name: String,
        version: String,
        model: &[u8],
        schema: &str,
        folder: Option<&str>,
        threads: i32,
        max_batch: usize,
        max_delay: f64,
        concurrency: usize,
        queue: usize,
        queue_timeout: f64,
    ) -> PyResult<Handle> {
        let schema = Schema::from_json(schema).ok_or_else(|| PyValueError::new_err("not a schema"))?;
        let (max_delay, queue_timeout) = (duration(max_delay)?, duration(queue_timeout)?);
        let settings = Settings { max_batch: max_batch.max(1), max_delay, concurrency: concurrency.max(1), queue, queue_timeout };
        let session =
            py.detach(|| Session::new(self.runtime.clone(), model, &schema, threads, folder)).map_err(PyValueError::new_err)?;
        let model = Arc::new(Model::new(name, version, schema, session, settings));
        self.server.shared.models.add(model.clone());
        let counts = model.counts.clone();
        Ok(Handle { model: Mutex::new(Some(model)), counts })
    }

    /// Bound the memory of all executions of models that are loaded from now on, once. bytes: at most.
    fn limit_memory(&self, bytes: usize) -> PyResult<()> {
        self.runtime.limit_memory(bytes).map_err(PyValueError::new_err)
    }

    /// Take a model away; what it has accepted is still answered.
    fn remove_model(&self, handle: &Handle) {
        if let Some(model) = handle.model.lock().unwrap_or_else(|e| e.into_inner()).take() {
            self.server.shared.models.remove(&model);
        }
    }

    /// The state of a service, as grpc.health.v1 says.
    fn set_serving(&self, service: &str, serving: bool) {
        self.server.shared.health.set(service, serving);
        self.server.shared.wake();
    }

    /// Forget a service: its watchers are told that it is unknown.
    fn remove_service(&self, service: &str) {
        self.server.shared.health.remove(service);
        self.server.shared.wake();
    }

    /// End every watch of the server's health, and all that come.
    fn end_watches(&self) {
        self.server.shared.enter(Phase::Leaving);
    }

    /// Refuse new inference calls with UNAVAILABLE.
    fn refuse(&self) {
        self.server.shared.enter(Phase::Refusing);
    }

    /// Take nothing new, finish what was accepted, stop. False when `seconds` ran out.
    fn drain(&self, py: Python<'_>, seconds: f64) -> PyResult<bool> {
        let time = duration(seconds)?;
        Ok(py.detach(|| self.server.drain(time)))
    }

    /// Stop at once; calls in flight are cut off.
    fn stop(&self, py: Python<'_>) {
        py.detach(|| self.server.stop());
    }
}

#[pymethods]
impl Handle {
    /// What the model has done natively: requests and rows answered, executions, nanoseconds, refusals by reason, and pending.
    fn statistics(&self) -> HashMap<&'static str, u64> {
        let counts = &self.counts;
        let model = self.model.lock().unwrap_or_else(|e| e.into_inner());
        let pending = model.as_ref().map_or(0, |model| model.pending.load(Relaxed));
        HashMap::from([
            ("answered", counts.answered.load(Relaxed)),
            ("rows", counts.rows.load(Relaxed)),
            ("executions", counts.executions.load(Relaxed)),
            ("queue_ns", counts.queue_ns.load(Relaxed)),
            ("compute_ns", counts.compute_ns.load(Relaxed)),
            ("total_ns", counts.total_ns.load(Relaxed)),
            ("last_ms", counts.last_ms.load(Relaxed)),
            ("exhausted", counts.exhausted.load(Relaxed)),
            ("expired", counts.expired.load(Relaxed)),
            ("cancelled", counts.cancelled.load(Relaxed)),
            ("pending", pending as u64),
        ])
    }
}

fn duration(seconds: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(seconds).map_err(|e| PyValueError::new_err(e.to_string()))
}

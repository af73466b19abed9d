//! What Python sees: `Server`, and a `Handle` for each model on it.

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use rustls::ServerConfig;

use crate::connection::Patience;
use crate::counts::{Counts, Histogram};
use crate::journal::Record;
use crate::model::{Model, Settings};
use crate::runtime::{Runtime, Session};
use crate::schema::Schema;
use crate::server::{self, Limits, Phase, Shared};
use crate::tls;

/// A gRPC server that listens from the moment it is made.
///
/// dispatch: called on threads of its own for every call that is not answered natively. It has
/// `answer(path, message, metadata, seconds, number, caller) -> (status, text, reply)`, where seconds are those that the client
/// waits (None for as long as it takes), number is the message's place in its call and caller is a Caller;
/// `permitted(path, model, metadata) -> (changes, name)`, where name is that of a caller who may call a method for a model, or None
/// (see access.rs); and `refusal(path, metadata) -> (status, text, b"") | None`, asked before a large message is whole. guarded: callers need a token.
/// onnxruntime: the path of its library. max_message: bytes. waiting: calls that may wait for `dispatch`. reactors: threads that
/// read and write; workers: threads that run models for longer. tls: None for none. handshake, keepalive, idle: seconds, of which 0
/// is forever (see connection.rs).
#[pyclass(frozen)]
pub struct Server {
    server: server::Server,
    runtime: Arc<Runtime>,
    #[pyo3(get)]
    port: u16,
}

/// Certificates that new connections are encrypted with: PEM, as vajra_onnx/server/tls.py has it. Raises ValueError.
#[pyclass(frozen)]
pub struct Tls(Arc<ServerConfig>);

#[pymethods]
impl Tls {
    #[new]
    #[pyo3(signature = (cert, key, client_ca = None))]
    fn new(cert: &[u8], key: &[u8], client_ca: Option<&[u8]>) -> PyResult<Self> {
        tls::config(cert, key, client_ca).map(Self).map_err(PyValueError::new_err)
    }
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
    #[pyo3(signature = (host, port, dispatch, onnxruntime, *, guarded = false, tls = None, handshake = 10.0, keepalive = 7200.0, idle = 0.0, max_message = 64 << 20, max_streams = 1024, connections = 4096,
                        waiting = 1000, reactors = 1, workers = 1, dispatchers = 2))]
    #[expect(clippy::too_many_arguments, reason = "they are named in Python")]
    fn new(
        py: Python<'_>,
        host: &str,
        port: u16,
        dispatch: Py<PyAny>,
        onnxruntime: &str,
        guarded: bool,
        tls: Option<&Tls>,
        handshake: f64,
        keepalive: f64,
        idle: f64,
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
        let patience = Patience { handshake: duration(handshake)?, keepalive: duration(keepalive)?, idle: duration(idle)? };
        let limits = Limits { max_message, max_streams, connections, patience };
        let shared = Shared::new(limits, guarded, waiting, reactors.max(1))?;
        if let Some(tls) = tls {
            shared.set_tls(tls.0.clone());
        }
        let server = server::Server::start(shared, listener, workers.max(1))?;
        for index in 0..dispatchers.max(1) {
            let (shared, service) = (server.shared.clone(), dispatch.clone_ref(py));
            let work = move || shared.dispatch.work(&service, &shared.access, |address, reply| shared.answer(address, reply));
            server.add_thread(thread::Builder::new().name(format!("dispatch-{index}")).spawn(work)?);
        }
        let shared = server.shared.clone();
        server.add_thread(thread::Builder::new().name("callers".to_owned()).spawn(move || shared.dispatch.callers.tell())?);
        Ok(Self { server, runtime, port })
    }

    /// Load a model; it answers once this returns. The caller has verified it. threads: inside one run.
    /// max_batch: rows that run together; max_delay: seconds that a request may wait for others. concurrency: runs at once.
    /// queue, queue_timeout: requests that may wait, and seconds that they may; 0 for as long as their own deadline lets them.
    /// max_rows: of one request; 0 for no limit. bounds: of the histograms' buckets, in nanoseconds.
    #[pyo3(signature = (name, version, model, schema, bounds, *, folder = None, threads = 1, max_batch = 1, max_delay = 0.0,
                        concurrency = 1, queue = 1000, queue_timeout = 0.0, max_rows = 0))]
    #[expect(clippy::too_many_arguments, reason = "they are named in Python")]
    fn add_model(
        &self,
        py: Python<'_>,
        name: String,
        version: String,
        model: &[u8],
        schema: &str,
        bounds: Vec<u64>,
        folder: Option<&str>,
        threads: i32,
        max_batch: usize,
        max_delay: f64,
        concurrency: usize,
        queue: usize,
        queue_timeout: f64,
        max_rows: usize,
    ) -> PyResult<Handle> {
        let schema = Schema::from_json(schema).ok_or_else(|| PyValueError::new_err("not a schema"))?;
        let (max_delay, queue_timeout) = (duration(max_delay)?, duration(queue_timeout)?);
        let (max_batch, concurrency) = (max_batch.max(1), concurrency.max(1));
        let settings = Settings { max_batch, max_delay, concurrency, queue, queue_timeout, max_rows };
        let session =
            py.detach(|| Session::new(self.runtime.clone(), model, &schema, threads, folder)).map_err(PyValueError::new_err)?;
        let model = Arc::new(Model::new(name, version, schema, session, settings, Counts::new(&bounds)));
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

    /// Encrypt connections with these certificates from now on; those that are open keep theirs.
    fn set_tls(&self, tls: &Tls) {
        self.server.shared.set_tls(tls.0.clone());
    }

    /// The tokens were looked at, and have changed so often: what was allowed under another number is forgotten.
    fn looked(&self, changes: u64) {
        self.server.shared.access.looked(changes);
    }

    /// Whether every call is to be noted.
    fn want_records(&self, wanted: bool) {
        self.server.shared.journal.want(wanted);
    }

    /// The calls that were answered natively since the last time, once there is one: (method, model, code, seconds, the request's
    /// id, the caller's name, when it ended). None when the server has stopped and everything was told.
    fn records(&self, py: Python<'_>) -> Option<Vec<Record>> {
        py.detach(|| self.server.shared.journal.take())
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
    /// What the model has done natively: rows, refusals by reason, nanoseconds of those, pending requests, when it last answered.
    fn statistics(&self) -> HashMap<&'static str, u64> {
        self.counts.read()
    }

    /// Of requests, of their waiting and of executions: how many were in each bucket, and after the last the sum in nanoseconds.
    fn histograms(&self) -> [Vec<u64>; 3] {
        [&self.counts.request, &self.counts.queue, &self.counts.compute].map(Histogram::read)
    }
}

fn duration(seconds: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(seconds).map_err(|e| PyValueError::new_err(e.to_string()))
}

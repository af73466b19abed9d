//! Requests that Python answers, each by one call of one function, on threads of their own.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::time::Instant;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::access::{Access, Question};
use crate::batch::frame;
use crate::call::Reply;
use crate::caller::{Caller, Callers};
use crate::route::Address;
use crate::status::{self, Status};

pub struct Request {
    pub path: String,
    /// The message, behind the 5 bytes of its frame.
    pub body: Vec<u8>,
    pub metadata: Vec<(String, String)>,
    pub deadline: Option<Instant>,
    pub address: Address,
    /// What Python is asked besides, so that the next such request need not go there.
    pub question: Option<Question>,
}

/// Requests that wait for Python.
pub struct Dispatch {
    queue: Mutex<(VecDeque<Request>, bool)>,
    arrived: Condvar,
    limit: usize,
    pub callers: Callers,
}

impl Dispatch {
    pub fn new(limit: usize) -> Self {
        Self { queue: Mutex::default(), arrived: Condvar::new(), limit, callers: Callers::new() }
    }

    /// Returns the reply at once where too many wait.
    pub fn push(&self, request: Request) -> Option<Reply> {
        let mut queue = self.queue.lock().unwrap_or_else(|e| e.into_inner());
        if queue.0.len() >= self.limit {
            let text = format!("more than {} requests are waiting", self.limit);
            return Some(Reply::Status(Status::new(status::RESOURCE_EXHAUSTED, text)));
        }
        queue.0.push_back(request);
        self.arrived.notify_one();
        None
    }

    pub fn cancel(&self, address: &Address) {
        let mut queue = self.queue.lock().unwrap_or_else(|e| e.into_inner());
        queue.0.retain(|request| !request.address.is_of(address));
        self.callers.cancel(address);
    }

    pub fn close(&self) {
        self.queue.lock().unwrap_or_else(|e| e.into_inner()).1 = true;
        self.arrived.notify_all();
        self.callers.close();
    }

    /// Out of the queue and among the callers at once, so that `cancel` finds it at either place.
    fn next(&self) -> Option<(Request, Caller)> {
        let queue = self.queue.lock().unwrap_or_else(|e| e.into_inner());
        let mut queue = self.arrived.wait_while(queue, |q| q.0.is_empty() && !q.1).unwrap_or_else(|e| e.into_inner());
        let request = if queue.1 { None } else { queue.0.pop_front() }?;
        let caller = self.callers.enter(request.address);
        Some((request, caller))
    }

    /// Answer requests until `close`. service: what Server is given.
    pub fn work(&self, service: &Py<PyAny>, access: &Access, answer: impl Fn(Address, Reply)) {
        while let Some((request, caller)) = self.next() {
            let late = request.deadline.is_some_and(|deadline| deadline <= Instant::now());
            let reply = if late { Some(expired()) } else { ask(service, access, &request, &caller) };
            self.callers.leave(&caller);
            if let Some(reply) = reply {
                answer(request.address, reply);
            }
        }
    }
}

pub fn expired() -> Reply {
    Reply::Status(Status::new(status::DEADLINE_EXCEEDED, "the deadline passed in the queue"))
}

/// The reply to a message; to one that has only begun, the refusal of its caller if he is refused.
fn ask(service: &Py<PyAny>, access: &Access, request: &Request, caller: &Caller) -> Option<Reply> {
    Python::attach(|py| {
        learn(py, service, access, request);
        let metadata = request.metadata.clone();
        if request.body.is_empty() {
            let refusal = service.call_method1(py, "refusal", (&request.path, metadata));
            let read = refusal.and_then(|refusal| refusal.extract::<Option<Answer<'_>>>(py));
            return match read {
                Ok(refusal) => refusal.map(|(code, text, _)| Reply::Refusal(Status::new(code, text))),
                Err(error) => Some(Reply::Refusal(internal(&error))),
            };
        }
        let message = PyBytes::new(py, &request.body[5..]);
        let left = request.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()).as_secs_f64());
        let arguments = (&request.path, message, metadata, left, request.address.number, caller.clone());
        let answer = service.call_method1(py, "answer", arguments);
        let read = answer.and_then(|answer| {
            let (code, text, data): Answer<'_> = answer.extract(py)?;
            if code != 0 {
                return Ok(Reply::Status(Status::new(code, text)));
            }
            let mut out = [&[0; 5], data.as_bytes()].concat();
            frame(&mut out);
            Ok(Reply::Message(out))
        });
        Some(read.unwrap_or_else(|error| Reply::Status(internal(&error))))
    })
}

/// What Python answers: status, text, reply.
type Answer<'py> = (u32, String, Bound<'py, PyBytes>);

fn internal(error: &PyErr) -> Status {
    Status::new(status::INTERNAL, format!("internal error: {error}"))
}

/// Ask what is to be remembered of the caller. An error says nothing, and what Python does not allow it refuses by itself.
fn learn(py: Python<'_>, service: &Py<PyAny>, access: &Access, request: &Request) {
    let Some(question) = &request.question else { return };
    let arguments = (&request.path, &question.model, request.metadata.clone());
    let verdict = service.call_method1(py, "permitted", arguments).and_then(|verdict| verdict.extract(py));
    if let Ok((changes, Some(caller))) = verdict as PyResult<(u64, Option<String>)> {
        access.learn(question, changes, &caller);
    }
}

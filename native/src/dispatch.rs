//! Requests that Python answers, each by one call of one function, on threads of their own.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::time::Instant;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::access::{Access, Question};
use crate::batch::frame;
use crate::call::Reply;
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
}

impl Dispatch {
    pub fn new(limit: usize) -> Self {
        Self { queue: Mutex::default(), arrived: Condvar::new(), limit }
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
    }

    pub fn close(&self) {
        self.queue.lock().unwrap_or_else(|e| e.into_inner()).1 = true;
        self.arrived.notify_all();
    }

    fn next(&self) -> Option<Request> {
        let queue = self.queue.lock().unwrap_or_else(|e| e.into_inner());
        let mut queue = self.arrived.wait_while(queue, |q| q.0.is_empty() && !q.1).unwrap_or_else(|e| e.into_inner());
        if queue.1 { None } else { queue.0.pop_front() }
    }

    /// Answer requests until `close`. service: what Server is given.
    pub fn work(&self, service: &Py<PyAny>, access: &Access, answer: impl Fn(Address, Reply)) {
        while let Some(request) = self.next() {
            let late = request.deadline.is_some_and(|deadline| deadline <= Instant::now());
            let reply = if late { expired() } else { ask(service, access, &request) };
            answer(request.address, reply);
        }
    }
}

pub fn expired() -> Reply {
    Reply::Status(Status::new(status::DEADLINE_EXCEEDED, "the deadline passed in the queue"))
}

fn ask(service: &Py<PyAny>, access: &Access, request: &Request) -> Reply {
    Python::attach(|py| {
        if let Some(question) = &request.question {
            let arguments = (&request.path, &question.model, request.metadata.clone());
            let verdict: PyResult<(u64, Option<String>)> =
                service.call_method1(py, "permitted", arguments).and_then(|v| v.extract(py));
            // An error says nothing, and what Python does not allow it refuses below.
            if let Ok((changes, Some(caller))) = verdict {
                access.learn(question, changes, &caller);
            }
        }
        let message = PyBytes::new(py, &request.body[5..]);
        let left = request.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()).as_secs_f64());
        let arguments = (&request.path, message, request.metadata.clone(), left, request.address.number);
        let answer = service.call_method1(py, "answer", arguments);
        let read = answer.and_then(|answer| {
            let (code, text, data): (u32, String, Bound<'_, PyBytes>) = answer.extract(py)?;
            if code != 0 {
                return Ok(Reply::Status(Status::new(code, text)));
            }
            let mut out = [&[0; 5], data.as_bytes()].concat();
            frame(&mut out);
            Ok(Reply::Message(out))
        });
        read.unwrap_or_else(|error| Reply::Status(Status::new(status::INTERNAL, format!("internal error: {error}"))))
    })
}

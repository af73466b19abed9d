//! Where a whole message goes: to a model, to an answer that is known, or to Python.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use crate::access::{EVERYONE, Question};
use crate::batch::{Job, frame};
use crate::call::{Message, Reply};
use crate::dispatch::Request;
use crate::feeds::accept;
use crate::health::SERVING;
use crate::journal::request_id;
use crate::messages::{InferRequest, two_texts};
use crate::method::Method;
use crate::server::Shared;
use crate::status::{self, Status};

pub const GOING: &str = "the server is shutting down";

/// Whom a reply is for: a message of a stream of a connection. generation: which of the connections that had this slot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Address {
    pub reactor: usize,
    pub slot: usize,
    pub generation: u64,
    pub stream: i32,
    pub number: u64,
}

impl Address {
    pub fn is_of(&self, other: &Self) -> bool {
        Self { number: other.number, ..*self } == *other
    }
}

pub enum Route {
    Run(Job),
    Reply(Reply),
    Python(Request),
    /// The caller of a message that is not whole yet is known.
    Nothing,
    /// A watch of this service's health.
    Watch(String),
}

pub fn route(shared: &Shared, message: Message, address: Address) -> Route {
    if message.body.is_empty() {
        return match shared.access.caller(&message.metadata, message.method.path(), "") {
            Ok(_) => Route::Nothing,
            Err(question) => python(message, address, question),
        };
    }
    if shared.journal.is_full() && !matches!(message.method, Method::Check | Method::Watch) {
        return python(message, address, None);
    }
    let known = match message.method {
        Method::Infer | Method::StreamInfer => return infer(shared, message, address),
        Method::Live if message.body.len() == 5 => Some(noted(shared, &message, "", EVERYONE)),
        // Not ready, or not heard of it yet: the reference knows.
        Method::Ready if message.body.len() == 5 && shared.is_ready() => Some(noted(shared, &message, "", EVERYONE)),
        Method::ModelReady if shared.is_ready() => return model_ready(shared, message, address),
        Method::Check => two_texts(&message.body[5..])
            .ok()
            .filter(|(service, _)| shared.health.state(service) == Some(SERVING))
            .map(|_| health(SERVING)),
        Method::Watch => match two_texts(&message.body[5..]) {
            Ok((service, _)) => return Route::Watch(service.to_owned()),
            Err(_) => None,
        },
        _ => None,
    };
    known.map_or_else(|| python(message, address, None), |data| Route::Reply(Reply::Message(data)))
}

/// Whether a model is ready is told to those who may ask it.
fn model_ready(shared: &Shared, message: Message, address: Address) -> Route {
    let named = two_texts(&message.body[5..]).ok().filter(|(name, version)| shared.models.find(name, version).is_some());
    let Some((name, _)) = named else { return python(message, address, None) };
    match shared.access.caller(&message.metadata, message.method.path(), name) {
        Ok(caller) => Route::Reply(Reply::Message(noted(shared, &message, name, &caller))),
        Err(question) => python(message, address, question),
    }
}

fn infer(shared: &Shared, message: Message, address: Address) -> Route {
    if shared.is_refusing() {
        return Route::Reply(Reply::Status(Status::new(status::UNAVAILABLE, GOING)));
    }
    let found = InferRequest::parse(&message.body[5..]).ok().and_then(|request| {
        let model = shared.models.find(request.model, request.version)?;
        Some((request, model))
    });
    let Some((request, model)) = found else { return python(message, address, None) };
    let caller = match shared.access.caller(&message.metadata, message.method.path(), &model.name) {
        Ok(caller) => caller,
        Err(question) => return python(message, address, question),
    };
    let most = model.settings.max_rows;
    let accepted = accept(&model.schema, &request, &message.body).filter(|accepted| most == 0 || accepted.rows <= most);
    let Some(accepted) = accepted else { return python(message, address, None) };
    let others = model.counts.pending.fetch_add(1, Relaxed);
    let journal = shared.journal.is_wanted().then(|| shared.journal.clone());
    let streamed = message.method == Method::StreamInfer;
    let Message { body, deadline, metadata, .. } = message;
    let arrived = Instant::now();
    let job = Job { model, body, accepted, address, arrived, deadline, streamed, metadata, caller, journal };
    let queue = job.model.settings.queue;
    if others >= queue + job.model.settings.concurrency {
        job.failed(status::RESOURCE_EXHAUSTED);
        return Route::Reply(job.refusal(format!("{queue} requests wait for the model already")));
    }
    Route::Run(job)
}

fn python(message: Message, address: Address, question: Option<Question>) -> Route {
    let Message { method, body, metadata, deadline, .. } = message;
    Route::Python(Request { path: method.path().to_owned(), body, metadata, deadline, address, question })
}

/// ServerLiveResponse, ServerReadyResponse or ModelReadyResponse, whose one field says yes; and the record of it.
fn noted(shared: &Shared, message: &Message, model: &str, caller: &str) -> Vec<u8> {
    if shared.journal.is_wanted() {
        let id = request_id(&message.metadata);
        shared.journal.note(message.method.name(), model, status::OK, Duration::ZERO, id, caller);
    }
    framed(&[8, 1])
}

/// HealthCheckResponse; state: 1 SERVING, 2 NOT_SERVING, 3 SERVICE_UNKNOWN.
pub fn health(state: u8) -> Vec<u8> {
    framed(&[8, state])
}

fn framed(message: &[u8]) -> Vec<u8> {
    let mut out = [&[0; 5], message].concat();
    frame(&mut out);
    out
}

/// The models that are ready, found by name and version; an empty version is the latest.
#[derive(Default)]
pub struct Models(std::sync::RwLock<std::collections::HashMap<String, Vec<Arc<crate::model::Model>>>>);

impl Models {
    pub fn find(&self, name: &str, version: &str) -> Option<Arc<crate::model::Model>> {
        let models = self.0.read().unwrap_or_else(|e| e.into_inner());
        let versions = models.get(name)?;
        if version.is_empty() { versions.last() } else { versions.iter().find(|m| m.version == version) }.cloned()
    }

    /// Takes the place of one with the same version. Versions are kept in the order of their numbers.
    pub fn add(&self, model: Arc<crate::model::Model>) {
        let mut models = self.0.write().unwrap_or_else(|e| e.into_inner());
        let versions = models.entry(model.name.clone()).or_default();
        versions.retain(|m| m.version != model.version);
        versions.push(model);
        versions.sort_by_key(|m| m.version.parse::<u64>().unwrap_or(0));
    }

    pub fn remove(&self, model: &Arc<crate::model::Model>) {
        let mut models = self.0.write().unwrap_or_else(|e| e.into_inner());
        if let Some(versions) = models.get_mut(&model.name) {
            versions.retain(|m| !Arc::ptr_eq(m, model));
            if versions.is_empty() {
                models.remove(&model.name);
            }
        }
    }
}

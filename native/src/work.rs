//! Running jobs: in the thread that read them where that is quick, else in workers that take from one queue.

use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use crate::batch::{Job, frame, run, take};
use crate::call::Reply;
use crate::dispatch::Request;
use crate::protobuf::put_bytes;
use crate::route::Address;
use crate::status;

pub enum Outcome {
    Reply(Address, Reply),
    /// The model refused it: the reference says why.
    Python(Request),
}

/// The outcomes of jobs that run together. One that fails does not take the others with it.
pub fn perform(mut jobs: Vec<Job>, done: &mut dyn FnMut(Outcome)) {
    let now = Instant::now();
    jobs.retain(|job| match job.overdue(now) {
        Some(reply) => {
            done(Outcome::Reply(job.address, reply));
            false
        }
        None => true,
    });
    if jobs.is_empty() {
        return;
    }
    let (model, count) = (jobs[0].model.clone(), jobs.len());
    model.counts.taken.fetch_add(count, Relaxed);
    let ran = run(&jobs);
    model.counts.taken.fetch_sub(count, Relaxed);
    match ran {
        Ok(replies) => {
            model.counts.touch();
            let end = Instant::now();
            for (job, reply) in jobs.into_iter().zip(replies) {
                job.answered(now, end);
                let (address, reply) = (job.address, if job.streamed { wrapped(&reply) } else { reply });
                drop(job); // its place is free before its client can ask again
                done(Outcome::Reply(address, Reply::Message(reply)));
            }
        }
        Err(_) if jobs.len() > 1 => jobs.into_iter().for_each(|job| perform(vec![job], done)),
        Err(_) => {
            let mut job = jobs.remove(0);
            let path = job.method().path().to_owned();
            let (body, metadata) = (std::mem::take(&mut job.body), std::mem::take(&mut job.metadata));
            let (deadline, address) = (job.deadline, job.address);
            done(Outcome::Python(Request { path, body, metadata, deadline, address, question: None }));
        }
    }
}

/// A ModelInferResponse as a ModelStreamInferResponse, both framed.
fn wrapped(response: &[u8]) -> Vec<u8> {
    let mut out = vec![0; 5];
    put_bytes(&mut out, 2, &response[5..]);
    frame(&mut out);
    out
}

/// Jobs that wait for a worker.
#[derive(Default)]
pub struct Work {
    queue: Mutex<(VecDeque<Job>, bool)>,
    arrived: Condvar,
}

impl Work {
    pub fn push(&self, jobs: Vec<Job>) {
        self.queue.lock().unwrap_or_else(|e| e.into_inner()).0.extend(jobs);
        self.arrived.notify_one();
    }

    pub fn cancel(&self, address: &Address) {
        let mut queue = self.queue.lock().unwrap_or_else(|e| e.into_inner());
        queue.0.retain(|job| {
            let gone = job.address.is_of(address);
            if gone {
                job.failed(status::CANCELLED);
            }
            !gone
        });
    }

    pub fn close(&self) {
        self.queue.lock().unwrap_or_else(|e| e.into_inner()).1 = true;
        self.arrived.notify_all();
    }

    /// Refuse what has waited too long, whether or not a worker is free.
    pub fn expire(&self, done: &mut dyn FnMut(Outcome)) {
        let mut queue = self.queue.lock().unwrap_or_else(|e| e.into_inner());
        let now = Instant::now();
        queue.0.retain(|job| match job.overdue(now) {
            Some(reply) => {
                done(Outcome::Reply(job.address, reply));
                false
            }
            None => true,
        });
    }

    pub fn is_empty(&self) -> bool {
        self.queue.lock().unwrap_or_else(|e| e.into_inner()).0.is_empty()
    }

    /// Run jobs until `close`.
    pub fn work(&self, done: &mut dyn FnMut(Outcome)) {
        while let Some(jobs) = self.next() {
            let model = jobs[0].model.clone();
            perform(jobs, done);
            let _queue = self.queue.lock().unwrap_or_else(|e| e.into_inner());
            model.running.fetch_sub(1, Relaxed);
            self.arrived.notify_one();
        }
    }

    /// What runs next: the first job whose model has a place free, and those that go with it.
    fn next(&self) -> Option<Vec<Job>> {
        let mut queue = self.queue.lock().unwrap_or_else(|e| e.into_inner());
        loop {
            if queue.1 {
                return None;
            }
            let free = |job: &Job| job.model.running.load(Relaxed) < job.model.settings.concurrency;
            let Some(place) = queue.0.iter().position(free) else {
                queue = self.arrived.wait(queue).unwrap_or_else(|e| e.into_inner());
                continue;
            };
            let left = left(&queue.0, place);
            if left.is_zero() {
                let jobs = take(&mut queue.0, place);
                jobs[0].model.running.fetch_add(1, Relaxed);
                if !queue.0.is_empty() {
                    self.arrived.notify_one();
                }
                return Some(jobs);
            }
            queue = self.arrived.wait_timeout(queue, left).unwrap_or_else(|e| e.into_inner()).0;
        }
    }
}

/// How long a job may wait for more rows yet.
fn left(queue: &VecDeque<Job>, place: usize) -> Duration {
    let first = &queue[place];
    let left = (first.arrived + first.model.settings.max_delay).saturating_duration_since(Instant::now());
    if left.is_zero() {
        return left;
    }
    let rows: usize = queue.iter().filter(|job| job.joins(first)).map(|job| job.accepted.rows).sum();
    if rows < first.model.batch() { left } else { Duration::ZERO }
}

//! One thread's connections: read what has arrived, run what is ready, write what is there.
//!
//! All that has arrived is read before anything runs, so requests that came together run together without waiting for more.

use std::collections::VecDeque;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::batch::{Job, take};
use crate::call::Reply;
use crate::connection::Connection;
use crate::inbox::Item;
use crate::phases::{NOTICE, Watch};
use crate::poll::{Poll, READ, WRITE};
use crate::route::{Address, Route, route};
use crate::server::{Phase, Shared};
use crate::work::{Outcome, perform};

const WAKE: u64 = u64::MAX;
const LISTEN: u64 = u64::MAX - 1;
/// Handshakes in one turn: each may cost as much as a hundred requests, and those who are connected do not wait for more.
const HANDSHAKES: usize = 8;

pub struct Reactor {
    pub index: usize,
    pub shared: Arc<Shared>,
    pub poll: Poll,
    pub listener: Option<TcpListener>,
    pub connections: Vec<Option<Connection>>,
    pub free: Vec<usize>,
    pub generation: u64,
    pub dirty: Vec<usize>,
    pub ready: VecDeque<Job>,
    pub watches: Vec<Watch>,
    pub phase: Phase,
    pub noticed: Option<Instant>,
    pub tended: Instant,
}

impl Reactor {
    /// listener: of the first reactor, which hands connections out.
    pub fn new(index: usize, shared: Arc<Shared>, listener: Option<TcpListener>) -> std::io::Result<Self> {
        let poll = Poll::new()?;
        poll.add(&shared.inboxes[index].waker, WAKE, READ)?;
        if let Some(listener) = &listener {
            poll.add(listener, LISTEN, READ)?;
        }
        let (connections, free, dirty, ready, watches) = Default::default();
        let (generation, phase, noticed, tended) = (0, Phase::Serving, None, Instant::now());
        Ok(Self { index, shared, poll, listener, connections, free, generation, dirty, ready, watches, phase, noticed, tended })
    }

    /// Until the server stops, or has drained.
    pub fn run(mut self) {
        let (mut keys, mut buffer) = (Vec::new(), vec![0u8; 64 << 10]);
        while !self.is_over() {
            let waiting = self.index == 0 && !self.shared.work.is_empty();
            let wait = if self.noticed.is_some() || waiting { NOTICE } else { Duration::from_secs(1) };
            self.poll.wait(&mut keys, wait);
            let mut handshakes = HANDSHAKES;
            for &key in &keys {
                match key {
                    WAKE => self.take_inbox(),
                    LISTEN => self.accept(),
                    slot => self.read(slot as usize, &mut buffer, &mut handshakes),
                }
            }
            self.run_ready();
            if waiting {
                self.shared.work.expire(&mut |outcome| self.shared.finish(outcome));
            }
            self.follow_phase();
            self.tend();
            self.flush();
        }
        self.shared.reactor_ended();
    }

    fn is_over(&self) -> bool {
        let empty = self.connections.len() == self.free.len();
        self.phase == Phase::Stopped || self.phase == Phase::Draining && self.noticed.is_none() && empty
    }

    fn take_inbox(&mut self) {
        let shared = self.shared.clone();
        let inbox = &shared.inboxes[self.index];
        inbox.waker.clear();
        let items = std::mem::take(&mut *inbox.items.lock().unwrap_or_else(|e| e.into_inner()));
        for item in items {
            match item {
                Item::Connection(socket) => self.open(socket),
                Item::Reply(address, reply) => self.reply(address, reply),
            }
        }
        self.tell_watches();
    }

    fn read(&mut self, slot: usize, buffer: &mut [u8], handshakes: &mut usize) {
        let Some(Some(connection)) = self.connections.get_mut(slot) else { return };
        if connection.is_handshaking() {
            let Some(left) = handshakes.checked_sub(1) else { return };
            *handshakes = left;
        }
        let read = connection.read(buffer);
        let generation = connection.generation;
        let streams = connection.http2.streams();
        let (messages, cancelled) = (std::mem::take(&mut streams.messages), std::mem::take(&mut streams.cancelled));
        let address = |stream, number| Address { reactor: self.index, slot, generation, stream, number };
        for stream in cancelled {
            cancel(&self.shared, &mut self.ready, address(stream, 0));
        }
        self.touch(slot);
        for message in messages {
            let address = Address { reactor: self.index, slot, generation, stream: message.stream, number: message.number };
            match route(&self.shared, message, address) {
                Route::Run(job) => self.ready.push_back(job),
                Route::Reply(reply) => self.reply(address, reply),
                Route::Python(request) => {
                    if let Some(refusal) = self.shared.dispatch.push(request) {
                        self.reply(address, refusal);
                    }
                }
                Route::Nothing => {}
                Route::Watch(service) => self.watch(address, service),
            }
        }
        if read.is_err() {
            self.close(slot);
        }
    }

    /// Run what has come, short runs here and long ones in the workers.
    fn run_ready(&mut self) {
        let shared = self.shared.clone();
        while !self.ready.is_empty() {
            let jobs = take(&mut self.ready, 0);
            let rows = jobs.iter().map(|job| job.accepted.rows).sum();
            if jobs[0].model.is_short(rows) {
                perform(jobs, &mut |outcome| match outcome {
                    Outcome::Reply(address, reply) => self.reply(address, reply),
                    Outcome::Python(request) => {
                        let address = request.address;
                        if let Some(refusal) = shared.dispatch.push(request) {
                            self.reply(address, refusal);
                        }
                    }
                });
            } else {
                shared.work.push(jobs);
            }
        }
    }

    pub fn reply(&mut self, address: Address, reply: Reply) {
        let Some(Some(connection)) = self.connections.get_mut(address.slot) else { return };
        if connection.generation == address.generation {
            connection.http2.streams().reply(address.stream, address.number, reply);
            self.touch(address.slot);
        }
    }

    pub fn touch(&mut self, slot: usize) {
        if let Some(connection) = &mut self.connections[slot]
            && !std::mem::replace(&mut connection.dirty, true)
        {
            self.dirty.push(slot);
        }
    }

    fn flush(&mut self) {
        for slot in std::mem::take(&mut self.dirty) {
            let Some(connection) = &mut self.connections[slot] else { continue };
            connection.dirty = false;
            let was_blocked = connection.blocked;
            let flushed = connection.flush();
            let done = self.phase == Phase::Draining
                && self.noticed.is_none()
                && !connection.blocked
                && connection.http2.streams().is_empty();
            if flushed.is_err() || done {
                self.close(slot);
            } else if connection.blocked != was_blocked {
                let interest = if connection.blocked { READ | WRITE } else { READ };
                if self.poll.change(&connection.socket, slot as u64, interest).is_err() {
                    self.close(slot);
                }
            }
        }
    }

    pub fn close(&mut self, slot: usize) {
        let Some(mut connection) = self.connections[slot].take() else { return };
        // Dropping the socket would do, were it not for descriptors that a fork has copied.
        let _ = self.poll.remove(&connection.socket);
        let everything = Address { reactor: self.index, slot, generation: connection.generation, stream: 0, number: 0 };
        for stream in connection.http2.streams().unanswered() {
            cancel(&self.shared, &mut self.ready, Address { stream, ..everything });
        }
        self.watches.retain(|watch| watch.address.slot != slot || watch.address.generation != connection.generation);
        self.free.push(slot);
    }
}

/// A client is not interested any more: its requests leave the queues.
fn cancel(shared: &Shared, ready: &mut VecDeque<Job>, address: Address) {
    ready.retain(|job| !job.address.is_of(&address));
    shared.work.cancel(&address);
    shared.dispatch.cancel(&address);
}

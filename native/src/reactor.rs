//! One thread's connections: read what has arrived, run what is ready, write what is there.
//!
//! All that has arrived is read before anything runs, so requests that came together run together without waiting for more.

use std::collections::VecDeque;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::batch::{Job, take};
use crate::call::Reply;
use crate::connection::Connection;
use crate::health::UNKNOWN;
use crate::poll::{Poll, READ, WRITE, Waker};
use crate::route::{Address, GOING, Route, health, route};
use crate::server::{Phase, Shared};
use crate::status::{self, Status};
use crate::work::{Outcome, perform};

const WAKE: u64 = u64::MAX;
const LISTEN: u64 = u64::MAX - 1;
/// How long clients have to hear that the server is going before their new calls are left to them.
const NOTICE: Duration = Duration::from_millis(50);

/// What other threads hand to a reactor.
pub enum Item {
    Connection(TcpStream),
    Reply(Address, Reply),
}

pub struct Inbox {
    items: Mutex<Vec<Item>>,
    pub waker: Waker,
}

impl Inbox {
    pub fn new() -> std::io::Result<Self> {
        Ok(Self { items: Mutex::default(), waker: Waker::new()? })
    }

    pub fn put(&self, item: Item) {
        let mut items = self.items.lock().unwrap_or_else(|e| e.into_inner());
        items.push(item);
        if items.len() == 1 {
            self.waker.wake();
        }
    }
}

struct Watch {
    address: Address,
    service: String,
    told: u8,
}

pub struct Reactor {
    index: usize,
    shared: Arc<Shared>,
    poll: Poll,
    listener: Option<TcpListener>,
    connections: Vec<Option<Connection>>,
    free: Vec<usize>,
    generation: u64,
    dirty: Vec<usize>,
    ready: VecDeque<Job>,
    watches: Vec<Watch>,
    phase: Phase,
    noticed: Option<Instant>,
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
        let (generation, phase, noticed) = (0, Phase::Serving, None);
        Ok(Self { index, shared, poll, listener, connections, free, generation, dirty, ready, watches, phase, noticed })
    }

    /// Until the server stops, or has drained.
    pub fn run(mut self) {
        let (mut keys, mut buffer) = (Vec::new(), vec![0u8; 64 << 10]);
        while !self.is_over() {
            let waiting = self.index == 0 && !self.shared.work.is_empty();
            let wait = if self.noticed.is_some() || waiting { NOTICE } else { Duration::from_secs(1) };
            self.poll.wait(&mut keys, wait);
            for &key in &keys {
                match key {
                    WAKE => self.take_inbox(),
                    LISTEN => self.accept(),
                    slot => self.read(slot as usize, &mut buffer),
                }
            }
            self.run_ready();
            if waiting {
                self.shared.work.expire(&mut |outcome| self.shared.finish(outcome));
            }
            self.follow_phase();
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

    fn accept(&mut self) {
        let Some(listener) = &self.listener else { return };
        let mut accepted = Vec::new();
        loop {
            match listener.accept() {
                Ok((socket, _)) => accepted.push(socket),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                Err(_) => {
                    // Out of descriptors, most likely: those who are connected go on, and this is tried again.
                    std::thread::sleep(Duration::from_millis(5));
                    break;
                }
            }
        }
        for socket in accepted {
            let next = self.shared.connections.fetch_add(1, Relaxed) % self.shared.inboxes.len();
            if next == self.index { self.open(socket) } else { self.shared.inboxes[next].put(Item::Connection(socket)) }
        }
    }

    fn open(&mut self, socket: TcpStream) {
        if self.connections.len() - self.free.len() >= self.shared.limits.connections {
            return;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.connections.push(None);
            self.connections.len() - 1
        });
        let set_up = socket.set_nonblocking(true).and_then(|()| socket.set_nodelay(true));
        if set_up.and_then(|()| self.poll.add(&socket, slot as u64, READ)).is_err() {
            self.free.push(slot);
            return;
        }
        self.generation += 1;
        let limits = &self.shared.limits;
        self.connections[slot] = Some(Connection::new(socket, self.generation, limits.max_message, limits.max_streams));
        self.dirty.push(slot);
    }

    fn read(&mut self, slot: usize, buffer: &mut [u8]) {
        let Some(Some(connection)) = self.connections.get_mut(slot) else { return };
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

    fn reply(&mut self, address: Address, reply: Reply) {
        let Some(Some(connection)) = self.connections.get_mut(address.slot) else { return };
        if connection.generation == address.generation {
            connection.http2.streams().reply(address.stream, address.number, reply);
            self.touch(address.slot);
        }
    }

    fn touch(&mut self, slot: usize) {
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

    fn close(&mut self, slot: usize) {
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

    fn watch(&mut self, address: Address, service: String) {
        let told = self.shared.health.state(&service).unwrap_or(UNKNOWN);
        self.reply(address, Reply::Message(health(told)));
        self.watches.push(Watch { address, service, told });
    }

    fn tell_watches(&mut self) {
        for index in 0..self.watches.len() {
            let watch = &mut self.watches[index];
            let state = self.shared.health.state(&watch.service).unwrap_or(UNKNOWN);
            if std::mem::replace(&mut watch.told, state) != state {
                let address = watch.address;
                self.with_streams(address, |streams| streams.say(address.stream, health(state)));
            }
        }
    }

    fn with_streams(&mut self, address: Address, act: impl FnOnce(&mut crate::stream::Streams)) {
        if let Some(Some(connection)) = self.connections.get_mut(address.slot)
            && connection.generation == address.generation
        {
            act(connection.http2.streams());
            self.touch(address.slot);
        }
    }

    /// What a server that is going does, one step after the other.
    fn follow_phase(&mut self) {
        let phase = self.shared.phase();
        if phase != self.phase {
            self.phase = phase;
            if phase != Phase::Serving {
                self.tell_watches();
                for watch in std::mem::take(&mut self.watches) {
                    self.with_streams(watch.address, |streams| _ = streams.end(watch.address.stream, Status::OK));
                }
            }
            if phase == Phase::Draining {
                if let Some(listener) = self.listener.take() {
                    let _ = self.poll.remove(&listener);
                }
                self.noticed = Some(Instant::now());
                self.each(|connection| connection.http2.announce_end());
            }
        }
        if self.noticed.is_some_and(|noticed| noticed.elapsed() >= NOTICE) {
            self.noticed = None;
            let going = Status::new(status::UNAVAILABLE, GOING);
            self.each(|connection| {
                connection.http2.end();
                connection.http2.streams().end_idle(&going);
            });
        }
    }

    fn each(&mut self, act: impl Fn(&mut Connection)) {
        for slot in 0..self.connections.len() {
            if let Some(connection) = &mut self.connections[slot] {
                act(connection);
                self.touch(slot);
            }
        }
    }
}

/// A client is not interested any more: its requests leave the queues.
fn cancel(shared: &Shared, ready: &mut VecDeque<Job>, address: Address) {
    ready.retain(|job| !job.address.is_of(&address));
    shared.work.cancel(&address);
    shared.dispatch.cancel(&address);
}

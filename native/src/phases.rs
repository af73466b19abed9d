//! A reactor's watches of health, and what it does when time passes and when the server is going.

use std::time::{Duration, Instant};

use crate::call::Reply;
use crate::connection::Connection;
use crate::health::UNKNOWN;
use crate::reactor::Reactor;
use crate::route::{Address, GOING, health};
use crate::server::Phase;
use crate::status::{self, Status};
use crate::stream::Streams;

/// How long clients have to hear that the server is going before their new calls are left to them.
pub const NOTICE: Duration = Duration::from_millis(50);
/// How often connections are looked at.
const TEND: Duration = Duration::from_secs(1);

pub struct Watch {
    pub address: Address,
    pub service: String,
    pub told: u8,
}

impl Reactor {
    pub fn watch(&mut self, address: Address, service: String) {
        let told = self.shared.health.state(&service).unwrap_or(UNKNOWN);
        self.reply(address, Reply::Message(health(told)));
        self.watches.push(Watch { address, service, told });
    }

    pub fn tell_watches(&mut self) {
        for index in 0..self.watches.len() {
            let watch = &mut self.watches[index];
            let state = self.shared.health.state(&watch.service).unwrap_or(UNKNOWN);
            if std::mem::replace(&mut watch.told, state) != state {
                let address = watch.address;
                self.with_streams(address, |streams| streams.say(address.stream, health(state)));
            }
        }
    }

    fn with_streams(&mut self, address: Address, act: impl FnOnce(&mut Streams)) {
        if let Some(Some(connection)) = self.connections.get_mut(address.slot)
            && connection.generation == address.generation
        {
            act(connection.http2.streams());
            self.touch(address.slot);
        }
    }

    /// What a server that is going does, one step after the other.
    pub fn follow_phase(&mut self) {
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

    /// Let go of clients that take too long, and of those that are not there any more.
    pub fn tend(&mut self) {
        let now = Instant::now();
        if now.saturating_duration_since(self.tended) < TEND {
            return;
        }
        self.tended = now;
        let shared = self.shared.clone();
        for slot in 0..self.connections.len() {
            let Some(connection) = &mut self.connections[slot] else { continue };
            match connection.tend(&shared.limits.patience, now) {
                Ok(()) => self.touch(slot),
                Err(_) => self.close(slot),
            }
        }
    }
}

//! How a reactor takes in connections.

use std::net::TcpStream;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use crate::connection::Connection;
use crate::inbox::Item;
use crate::poll::READ;
use crate::reactor::Reactor;
use crate::stream::Streams;
use crate::tls::Tls;

impl Reactor {
    pub fn accept(&mut self) {
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

    pub fn open(&mut self, socket: TcpStream) {
        if self.connections.len() - self.free.len() >= self.shared.limits.connections {
            return;
        }
        let Ok(tls) = self.shared.tls().map(Tls::new).transpose() else { return };
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
        let mut streams = Streams::new(limits.max_message);
        streams.guarded = self.shared.access.is_guarded();
        let connection = Connection::new(socket, tls, streams, limits.max_streams, self.generation);
        self.connections[slot] = Some(connection);
        self.dirty.push(slot);
    }
}

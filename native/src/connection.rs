//! One client's connection: a socket, TLS where there is any, and its HTTP/2 state.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::http2::{Broken, Http2};
use crate::stream::{Action, Streams};
use crate::tls::Tls;

/// Bytes that are written at once.
const CHUNK: usize = 256 << 10;
/// Reads before others have their turn.
const READS: usize = 4;
/// How long a client has to answer a ping: what gRPC calls the keepalive timeout, with its default.
const ANSWER: Duration = Duration::from_secs(20);

/// How long a client may take, say nothing, and ask nothing; zero for as long as it likes.
pub struct Patience {
    /// For its handshake and its first words.
    pub handshake: Duration,
    /// Until it is asked whether it is still there.
    pub keepalive: Duration,
    /// Without a call, until it is let go.
    pub idle: Duration,
}

pub struct Connection {
    pub socket: TcpStream,
    pub http2: Http2,
    pub generation: u64,
    pub dirty: bool,
    /// Whether the socket took less than there was.
    pub blocked: bool,
    tls: Option<Tls>,
    plain: Vec<u8>,
    out: Vec<u8>,
    sent: usize,
    opened: Instant,
    /// When anything came, and when there was a call.
    heard: Instant,
    used: Instant,
    pinged: Option<Instant>,
    leaving: bool,
}

impl Connection {
    pub fn new(socket: TcpStream, tls: Option<Tls>, streams: Streams, max_streams: u32, generation: u64) -> Self {
        let (http2, now) = (Http2::new(streams, max_streams), Instant::now());
        Self {
            socket,
            http2,
            generation,
            dirty: true,
            blocked: false,
            tls,
            plain: Vec::new(),
            out: Vec::new(),
            sent: 0,
            opened: now,
            heard: now,
            used: now,
            pinged: None,
            leaving: false,
        }
    }

    pub fn is_handshaking(&self) -> bool {
        self.tls.as_ref().is_some_and(Tls::is_handshaking)
    }

    /// Take in what has arrived. Fails when the connection is over.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<(), Broken> {
        for _ in 0..READS {
            match self.socket.read(buffer) {
                Ok(0) => return Err(Broken),
                Ok(length) => {
                    self.receive(&buffer[..length])?;
                    if length < buffer.len() {
                        break;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(Broken),
            }
        }
        Ok(())
    }

    fn receive(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        (self.heard, self.pinged) = (Instant::now(), None);
        let Some(tls) = &mut self.tls else { return self.http2.receive(bytes) };
        let received = tls.receive(bytes, |plain| self.http2.receive(plain));
        if received.is_err() {
            self.say_last();
        }
        received
    }

    /// Send what there is, as far as the socket takes it.
    pub fn flush(&mut self) -> Result<(), Broken> {
        self.blocked = false;
        loop {
            self.act();
            if self.sent == self.out.len() {
                self.fill()?;
                if self.out.is_empty() {
                    break;
                }
            }
            match self.socket.write(&self.out[self.sent..]) {
                Ok(length) => self.sent += length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.blocked = true;
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(Broken),
            }
        }
        if self.http2.is_over() {
            self.say_last();
            return Err(Broken);
        }
        Ok(())
    }

    /// The next bytes for the socket.
    fn fill(&mut self) -> Result<(), Broken> {
        self.out.clear();
        self.sent = 0;
        let Some(tls) = &mut self.tls else { return self.http2.send(&mut self.out, CHUNK) };
        self.plain.clear();
        if !tls.is_handshaking() {
            self.http2.send(&mut self.plain, CHUNK)?;
        }
        tls.send(&self.plain, &mut self.out)
    }

    /// The reason, or a goodbye, in TLS's words before the connection ends, if the socket takes it.
    fn say_last(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.close();
            if tls.send(&[], &mut self.out).is_ok() {
                let _ = self.socket.write(&self.out[self.sent..]);
            }
        }
    }

    /// What time asks for, from time to time. Fails for a client that has taken too long.
    pub fn tend(&mut self, patience: &Patience, now: Instant) -> Result<(), Broken> {
        let over = |limit: Duration, since: Instant| !limit.is_zero() && now.saturating_duration_since(since) >= limit;
        if !self.http2.streams().greeted {
            return if over(patience.handshake, self.opened) { Err(Broken) } else { Ok(()) };
        }
        if !self.http2.streams().is_empty() {
            self.used = now;
        }
        if self.pinged.is_some_and(|pinged| over(ANSWER, pinged)) {
            return Err(Broken);
        }
        if self.pinged.is_none() && over(patience.keepalive, self.heard) {
            self.pinged = Some(now);
            self.http2.ping();
        }
        // First a notice: calls that are on their way are still answered.
        if self.leaving {
            self.http2.end();
        } else if over(patience.idle, self.used) {
            self.leaving = true;
            self.http2.announce_end();
        }
        Ok(())
    }

    fn act(&mut self) {
        for action in std::mem::take(&mut self.http2.streams().actions) {
            match action {
                Action::Begin(stream) => self.http2.begin(stream),
                Action::Resume(stream) => self.http2.resume(stream),
                Action::Refuse(stream, trailers) => self.http2.refuse(stream, &trailers),
                Action::RefuseHttp(stream, status) => self.http2.refuse_http(stream, status),
                Action::Consume(stream, length) => self.http2.consume(stream, length),
            }
        }
    }
}

//! One client's connection: a socket and its HTTP/2 state.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use crate::http2::{Broken, Http2};
use crate::stream::{Action, Streams};

/// Bytes that are written at once.
const CHUNK: usize = 256 << 10;
/// Reads before others have their turn.
const READS: usize = 4;

pub struct Connection {
    pub socket: TcpStream,
    pub http2: Http2,
    pub generation: u64,
    pub dirty: bool,
    /// Whether the socket took less than there was.
    pub blocked: bool,
    out: Vec<u8>,
    sent: usize,
}

impl Connection {
    pub fn new(socket: TcpStream, generation: u64, max_message: usize, max_streams: u32) -> Self {
        let http2 = Http2::new(Streams::new(max_message), max_streams);
        Self { socket, http2, generation, dirty: true, blocked: false, out: Vec::new(), sent: 0 }
    }

    /// Take in what has arrived. Fails when the connection is over.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<(), Broken> {
        for _ in 0..READS {
            match self.socket.read(buffer) {
                Ok(0) => return Err(Broken),
                Ok(length) => {
                    self.http2.receive(&buffer[..length])?;
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

    /// Send what there is, as far as the socket takes it.
    pub fn flush(&mut self) -> Result<(), Broken> {
        self.blocked = false;
        loop {
            self.act();
            if self.sent == self.out.len() {
                self.out.clear();
                self.sent = 0;
                self.http2.send(&mut self.out, CHUNK)?;
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
        if self.http2.is_over() { Err(Broken) } else { Ok(()) }
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

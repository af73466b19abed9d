//! The gRPC calls of one connection: from headers and data to whole messages, and from replies to data and trailers.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::time::Instant;

use crate::call::{Call, Message, Reply, Trailers, timeout};
use crate::compression::Encoding;
use crate::http2::HEADERS;
use crate::method::Method;
use crate::status::{self, Status};

/// Bytes of a message that are taken from a caller of whom nothing is known.
const UNKNOWN: usize = 16 << 10;

/// What a connection has to do for a stream once nghttp2 is out of its callbacks.
pub enum Action {
    Begin(i32),
    Resume(i32),
    Refuse(i32, Trailers),
    RefuseHttp(i32, &'static [u8]),
    Consume(i32, usize),
}

pub struct Streams {
    calls: HashMap<i32, Call, BuildHasherDefault<ById>>,
    limit: usize,
    /// Whether callers need a token: then Python is asked of them before a large message is whole.
    pub guarded: bool,
    /// Bytes of messages that are not whole yet, of all streams.
    unfinished: usize,
    pub messages: Vec<Message>,
    pub actions: Vec<Action>,
    /// Whether the client has introduced itself: a frame has come.
    pub greeted: bool,
    /// Streams that ended before all of their messages were answered.
    pub cancelled: Vec<i32>,
}

impl Streams {
    /// limit: bytes of one message; of all messages that come in on one connection at once, four times as many.
    pub fn new(limit: usize) -> Self {
        let calls = HashMap::default();
        let (messages, actions, cancelled) = Default::default();
        Self { calls, limit, guarded: false, unfinished: 0, messages, actions, greeted: false, cancelled }
    }

    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    pub fn open(&mut self, stream: i32) {
        self.calls.insert(stream, Call::default());
    }

    pub fn is_open(&self, stream: i32) -> bool {
        self.calls.get(&stream).is_some_and(|call| !call.half_closed)
    }

    /// One header of a request, or of its trailers. False for more headers than anyone needs.
    pub fn header(&mut self, stream: i32, name: &[u8], value: &[u8]) -> bool {
        let Some(call) = self.calls.get_mut(&stream) else { return true };
        call.headers += name.len() + value.len() + 32;
        if call.headers > HEADERS {
            return false;
        }
        let value = String::from_utf8_lossy(value);
        match name {
            b":path" => call.method = Some(Method::of(&value)),
            b":method" => call.post = value == "POST",
            b"content-type" => call.is_grpc = value.starts_with("application/grpc"),
            b"grpc-encoding" => call.encoding = Encoding::of(value.as_bytes()),
            b"grpc-timeout" => call.deadline = timeout(&value).and_then(|t| Instant::now().checked_add(t)),
            b"te" | b"user-agent" | b"grpc-accept-encoding" | b"accept-encoding" | b":scheme" | b":authority" => {}
            _ => call.metadata.push((String::from_utf8_lossy(name).into_owned(), value.into_owned())),
        }
        true
    }

    /// All headers are there, and more is to come.
    pub fn begun(&mut self, stream: i32) {
        let Some(call) = self.calls.get_mut(&stream) else { return };
        if !call.is_grpc || !call.post {
            call.done = true;
            self.actions.push(Action::RefuseHttp(stream, if call.post { b"415" } else { b"405" }));
        }
    }

    /// A piece of a call's body. True where it is held against the client's window.
    pub fn data(&mut self, stream: i32, bytes: &[u8]) -> bool {
        let Some(call) = self.calls.get_mut(&stream) else { return false };
        if call.done {
            return false;
        }
        call.body.extend_from_slice(bytes);
        self.unfinished += bytes.len();
        let length = call.body.first_chunk::<5>().map_or(0, |&[_, a, b, c, d]| u32::from_be_bytes([a, b, c, d]) as usize);
        if length > self.limit || self.unfinished > 4 * self.limit + (1 << 20) {
            let got = length.max(call.body.len());
            let text = format!("SERVER: Received message larger than max ({got} vs. {})", self.limit);
            return self.end(stream, Status::new(status::RESOURCE_EXHAUSTED, text));
        }
        if self.guarded && call.body.len() > UNKNOWN && !std::mem::replace(&mut call.entering, true) {
            self.messages.extend(call.beginning(stream));
        }
        if !call.method.as_ref().is_some_and(Method::streams) {
            return false;
        }
        while call.body.len() >= 5 {
            let length = u32::from_be_bytes([call.body[1], call.body[2], call.body[3], call.body[4]]) as usize;
            if length > self.limit || call.body.len() - 5 < length {
                break;
            }
            let rest = call.body.split_off(5 + length);
            let body = std::mem::replace(&mut call.body, rest);
            self.unfinished -= body.len();
            match call.message(stream, body, self.limit) {
                Ok(message) => self.messages.push(message),
                Err(status) => return self.end(stream, status),
            }
        }
        let busy = call.is_busy();
        if busy {
            call.held += bytes.len();
        }
        busy
    }

    /// The client has said everything.
    pub fn half_close(&mut self, stream: i32) {
        let Some(call) = self.calls.get_mut(&stream) else { return };
        call.half_closed = true;
        if call.done {
            return;
        }
        if !call.is_grpc || !call.post {
            call.done = true;
            self.actions.push(Action::RefuseHttp(stream, if call.post { b"415" } else { b"405" }));
            return;
        }
        let body = std::mem::take(&mut call.body);
        self.unfinished -= body.len();
        if call.method.as_ref().is_some_and(Method::streams) {
            if !body.is_empty() {
                self.end(stream, Status::new(status::INTERNAL, "a message was cut off"));
            } else if call.asked == call.answered {
                self.end(stream, Status::OK);
            }
            return;
        }
        let whole =
            body.first_chunk::<5>().is_some_and(|&[_, a, b, c, d]| u32::from_be_bytes([a, b, c, d]) as usize == body.len() - 5);
        if !whole {
            self.end(stream, Status::new(status::INTERNAL, "expected one whole message"));
            return;
        }
        match call.message(stream, body, self.limit) {
            Ok(message) => self.messages.push(message),
            Err(status) => _ = self.end(stream, status),
        }
    }

    /// The stream is gone, whoever ended it.
    pub fn close(&mut self, stream: i32) {
        if let Some(call) = self.calls.remove(&stream) {
            self.unfinished -= call.body.len();
            if call.asked != call.answered {
                self.cancelled.push(stream);
            }
        }
    }

    /// A reply to one message. Replies go out in the order of the messages; those to streams that are gone are dropped.
    pub fn reply(&mut self, stream: i32, number: u64, reply: Reply) {
        let Some(call) = self.calls.get_mut(&stream) else { return };
        if let Reply::Refusal(status) = reply {
            self.end(stream, status);
            return;
        }
        if call.done || number < call.answered {
            return;
        }
        let place = (number - call.answered) as usize;
        if call.replies.len() <= place {
            call.replies.resize_with(place + 1, || None);
        }
        call.replies[place] = Some(reply);
        while let Some(reply) = self.next_reply(stream) {
            match reply {
                Reply::Message(data) => self.say(stream, data),
                Reply::Status(status) | Reply::Refusal(status) => _ = self.end(stream, status),
            }
            self.release(stream);
            self.finish(stream);
        }
    }

    fn next_reply(&mut self, stream: i32) -> Option<Reply> {
        let call = self.calls.get_mut(&stream).filter(|call| !call.done)?;
        let reply = call.replies.front_mut()?.take()?;
        call.replies.pop_front();
        call.answered += 1;
        Some(reply)
    }

    /// End a call that has had all of its replies.
    fn finish(&mut self, stream: i32) {
        let Some(call) = self.calls.get(&stream) else { return };
        let Some(method) = call.method.as_ref().filter(|method| **method != Method::Watch) else { return };
        if !method.streams() || call.half_closed && call.asked == call.answered {
            self.end(stream, Status::OK);
        }
    }

    /// Give a client back the window that was held, once there is room for more.
    fn release(&mut self, stream: i32) {
        let Some(call) = self.calls.get_mut(&stream) else { return };
        if call.held > 0 && !call.is_busy() {
            self.actions.push(Action::Consume(stream, std::mem::take(&mut call.held)));
        }
    }

    /// The next bytes of a stream, how many, and its trailers after the last of them. None for a stream that is gone.
    pub fn read(&mut self, stream: i32, buffer: &mut [u8]) -> Option<(usize, Option<Trailers>)> {
        let call = self.calls.get_mut(&stream)?;
        let count = call.sending.take(buffer);
        let trailers = call.sending.trailers.take_if(|_| call.sending.data.is_empty());
        self.release(stream);
        Some((count, trailers))
    }

    /// One more message of the server's own on a stream that stays open.
    pub fn say(&mut self, stream: i32, mut data: Vec<u8>) {
        let Some(call) = self.calls.get_mut(&stream) else { return };
        if call.done {
            return;
        }
        if call.sending.data.is_empty() {
            call.sending.data = data;
        } else {
            call.sending.data.append(&mut data);
        }
        self.actions.push(if std::mem::replace(&mut call.begun, true) { Action::Resume(stream) } else { Action::Begin(stream) });
    }

    /// End a call. Returns false, for `data`.
    pub fn end(&mut self, stream: i32, status: Status) -> bool {
        let Some(call) = self.calls.get_mut(&stream) else { return false };
        if std::mem::replace(&mut call.done, true) {
            return false;
        }
        self.unfinished -= std::mem::take(&mut call.body).len();
        if call.begun {
            call.sending.trailers = Some(status);
            if call.sending.data.is_empty() {
                self.actions.push(Action::Resume(stream));
            }
        } else {
            self.actions.push(Action::Refuse(stream, status));
        }
        false
    }

    /// The streams of which something is still being worked on.
    pub fn unanswered(&self) -> Vec<i32> {
        self.calls.iter().filter(|(_, call)| call.asked != call.answered).map(|(&stream, _)| stream).collect()
    }

    /// End the streams that wait for nothing but their client.
    pub fn end_idle(&mut self, status: &Status) {
        let idle = |call: &Call| !call.done && call.asked == call.answered;
        let streams: Vec<i32> = self.calls.iter().filter(|(_, call)| idle(call)).map(|(&stream, _)| stream).collect();
        streams.into_iter().for_each(|stream| _ = self.end(stream, status.clone()));
    }
}

/// Stream ids are small and odd, and nobody chooses them freely: a multiplication spreads them well enough.
#[derive(Default)]
pub struct ById(u64);

impl Hasher for ById {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_i32(&mut self, id: i32) {
        self.0 = (id as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

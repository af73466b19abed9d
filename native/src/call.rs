//! One gRPC call: what its headers said, the messages that came and the replies that wait.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::compression::{Encoding, plain};
use crate::method::Method;
use crate::status::{self, Status};

/// Messages of one stream that may be worked on at once.
const IN_FLIGHT: usize = 32;

/// Bytes of replies that a client may leave unread before no more of its messages are read.
const UNREAD: usize = 1 << 20;

/// One whole message of a call. number: its place among the messages of its stream.
pub struct Message {
    pub stream: i32,
    pub number: u64,
    pub method: Method,
    /// The message behind the 5 bytes of its frame; nothing where it has only begun, and is too large to be waited for before its
    /// caller is known.
    pub body: Vec<u8>,
    pub deadline: Option<Instant>,
    pub metadata: Vec<(String, String)>,
}

/// What is said to a message: a reply in its frame, or the status that ends the call.
pub enum Reply {
    Message(Vec<u8>),
    Status(Status),
    /// To a caller who may not call at all, whatever else was asked on its stream.
    Refusal(Status),
}

pub type Trailers = Status;

/// What goes out on a stream.
#[derive(Default)]
pub struct Sending {
    pub data: Vec<u8>,
    pub at: usize,
    pub trailers: Option<Trailers>,
}

impl Sending {
    pub fn take(&mut self, buffer: &mut [u8]) -> usize {
        let count = buffer.len().min(self.data.len() - self.at);
        buffer[..count].copy_from_slice(&self.data[self.at..self.at + count]);
        self.at += count;
        if self.at == self.data.len() {
            self.data.clear();
            self.at = 0;
        }
        count
    }
}

#[derive(Default)]
pub struct Call {
    pub method: Option<Method>,
    pub is_grpc: bool,
    pub encoding: Encoding,
    pub post: bool,
    pub headers: usize,
    pub deadline: Option<Instant>,
    pub metadata: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Messages that were handed on.
    pub asked: u64,
    /// Replies that wait for those before them; the first belongs to message `answered`.
    pub replies: VecDeque<Option<Reply>>,
    pub answered: u64,
    pub held: usize,
    pub half_closed: bool,
    pub begun: bool,
    pub done: bool,
    /// Whether Python was asked who calls, before the message was whole.
    pub entering: bool,
    pub sending: Sending,
}

impl Call {
    /// Whether its client should wait before it sends more on this stream.
    pub fn is_busy(&self) -> bool {
        self.asked.saturating_sub(self.answered) as usize > IN_FLIGHT || self.sending.data.len() - self.sending.at > UNREAD
    }

    /// A message that has only begun.
    pub fn beginning(&self, stream: i32) -> Option<Message> {
        let (number, method, metadata) = (self.asked, self.method.clone()?, self.metadata.clone());
        Some(Message { stream, number, method, body: Vec::new(), deadline: self.deadline, metadata })
    }

    /// One whole message of a stream, without its frame and unpacked. limit: its bytes, at most.
    pub fn message(&mut self, stream: i32, body: Vec<u8>, limit: usize) -> Result<Message, Status> {
        let body = plain(body, self.encoding, limit)?;
        let Some(method) = self.method.clone() else { return Err(Status::new(status::INTERNAL, "a call without a path")) };
        let (number, deadline) = (self.asked, self.deadline);
        self.asked += 1;
        Ok(Message { stream, number, method, body, deadline, metadata: self.metadata.clone() })
    }
}

/// gRPC's timeout: at most 8 digits, and a unit.
pub fn timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(3600 * count),
        "M" => Duration::from_secs(60 * count),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

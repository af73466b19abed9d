//! What other threads hand to a reactor.

use std::net::TcpStream;
use std::sync::Mutex;

use crate::call::Reply;
use crate::poll::Waker;
use crate::route::Address;

pub enum Item {
    Connection(TcpStream),
    Reply(Address, Reply),
}

pub struct Inbox {
    pub items: Mutex<Vec<Item>>,
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

//! grpc.health.v1: whether each service is served.

use std::collections::HashMap;
use std::sync::Mutex;

pub const SERVING: u8 = 1;
pub const NOT_SERVING: u8 = 2;
pub const UNKNOWN: u8 = 3;

#[derive(Default)]
pub struct Health(Mutex<HashMap<String, u8>>);

impl Health {
    pub fn set(&self, service: &str, serving: bool) {
        let state = if serving { SERVING } else { NOT_SERVING };
        self.0.lock().unwrap_or_else(|e| e.into_inner()).insert(service.to_owned(), state);
    }

    pub fn remove(&self, service: &str) {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).remove(service);
    }

    pub fn state(&self, service: &str) -> Option<u8> {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).get(service).copied()
    }
}

//! A record of every call that was answered natively, where somebody wants one (vajra_onnx/server/journal.py).
//!
//! Python takes them in one piece, as many as there are. When it cannot keep up, calls are left to Python, which notes them
//! itself: nothing is lost, and what cannot be noted is not answered faster than it is noted.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Records that may wait.
const MOST: usize = 1 << 15;

/// Method, model, code, seconds, the request's id, the caller's name, and when it ended in seconds since the epoch.
pub type Record = (&'static str, String, u32, f64, String, String, f64);

#[derive(Default)]
pub struct Journal {
    wanted: AtomicBool,
    waiting: AtomicUsize,
    records: Mutex<(Vec<Record>, bool)>,
    arrived: Condvar,
}

impl Journal {
    pub fn want(&self, wanted: bool) {
        self.wanted.store(wanted, Relaxed);
    }

    pub fn is_wanted(&self) -> bool {
        self.wanted.load(Relaxed)
    }

    pub fn is_full(&self) -> bool {
        self.is_wanted() && self.waiting.load(Relaxed) >= MOST
    }

    pub fn note(&self, method: &'static str, model: &str, code: u32, took: Duration, id: String, caller: &str) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64());
        let record = (method, model.to_owned(), code, took.as_secs_f64(), id, caller.to_owned(), now);
        let mut records = self.records.lock().unwrap_or_else(|e| e.into_inner());
        records.0.push(record);
        self.waiting.store(records.0.len(), Relaxed);
        if records.0.len() == 1 {
            self.arrived.notify_one();
        }
    }

    /// All records that there are, once there is one. None after `close`, when all were taken.
    pub fn take(&self) -> Option<Vec<Record>> {
        let records = self.records.lock().unwrap_or_else(|e| e.into_inner());
        let mut records = self.arrived.wait_while(records, |r| r.0.is_empty() && !r.1).unwrap_or_else(|e| e.into_inner());
        self.waiting.store(0, Relaxed);
        (!records.0.is_empty()).then(|| std::mem::take(&mut records.0))
    }

    pub fn close(&self) {
        self.records.lock().unwrap_or_else(|e| e.into_inner()).1 = true;
        self.arrived.notify_all();
    }
}

/// The id that a request carries in its headers; of two Python sees the last.
pub fn request_id(metadata: &[(String, String)]) -> String {
    metadata.iter().rev().find(|(name, _)| name == "x-request-id").map(|(_, id)| id.clone()).unwrap_or_default()
}

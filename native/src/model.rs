//! A model that is served: its session and schema, and what it may do at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use crate::counts::Counts;
use crate::runtime::Session;
use crate::schema::Schema;

pub struct Settings {
    /// Rows that run together at most; 1 for a model whose rows are not independent of each other.
    pub max_batch: usize,
    /// How long a request may wait for others; zero runs what is there.
    pub max_delay: Duration,
    /// Runs at once, short ones in the thread that read their requests aside.
    pub concurrency: usize,
    /// Requests that may wait, beyond which they are refused; and how long, zero for as long as their own deadline lets them.
    pub queue: usize,
    pub queue_timeout: Duration,
    /// Rows of one request; 0 for as many as a message holds.
    pub max_rows: usize,
}

pub struct Model {
    pub name: String,
    pub version: String,
    pub schema: Schema,
    pub session: Session,
    pub settings: Settings,
    pub counts: Arc<Counts>,
    /// Runs that workers are at.
    pub running: AtomicUsize,
    /// A moving average of nanoseconds per row; 0 before the first run.
    cost: AtomicU64,
}

/// A run that takes less may hold up the connections that it shares a thread with.
const SHORT: u64 = 300_000;
/// Rows of a model that takes longer are not worth waiting for each other.
const SLOW: u64 = 1_000_000;

impl Model {
    pub fn new(name: String, version: String, schema: Schema, session: Session, settings: Settings, counts: Counts) -> Self {
        let (counts, running, cost) = (Arc::new(counts), AtomicUsize::new(0), AtomicU64::new(0));
        Self { name, version, schema, session, settings, counts, running, cost }
    }

    pub fn ran(&self, rows: usize, took: Duration) {
        self.counts.compute.add(took);
        let took = took.as_nanos() as u64;
        let (new, old) = (took / rows as u64 + 1, self.cost.load(Relaxed));
        // A cold first run weighs little after a few others.
        self.cost.store(if old == 0 { new } else { old - old / 4 + new / 4 + 1 }, Relaxed);
    }

    /// Whether the thread that reads and writes may run this itself: handing it over would take longer.
    pub fn is_short(&self, rows: usize) -> bool {
        let cost = self.cost.load(Relaxed);
        cost != 0 && self.settings.max_delay.is_zero() && cost.saturating_mul(rows as u64) < SHORT
    }

    pub fn batch(&self) -> usize {
        if self.cost.load(Relaxed) > SLOW { 1 } else { self.settings.max_batch }
    }
}

//! What a model has done natively; Python reads it when somebody asks for statistics or metrics.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::status;

/// Durations by their size. bounds: nanoseconds, ascending; a bucket holds what is not above its bound, the last all others.
pub struct Histogram {
    bounds: Box<[u64]>,
    buckets: Box<[AtomicU64]>,
    nanoseconds: AtomicU64,
}

impl Histogram {
    fn new(bounds: &[u64]) -> Self {
        let buckets = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds: bounds.into(), buckets, nanoseconds: AtomicU64::new(0) }
    }

    pub fn add(&self, duration: Duration) {
        let nanoseconds = duration.as_nanos() as u64;
        self.buckets[self.bounds.partition_point(|&bound| bound < nanoseconds)].fetch_add(1, Relaxed);
        self.nanoseconds.fetch_add(nanoseconds, Relaxed);
    }

    /// The buckets, and after them the sum in nanoseconds.
    pub fn read(&self) -> Vec<u64> {
        self.buckets.iter().chain([&self.nanoseconds]).map(|number| number.load(Relaxed)).collect()
    }
}

pub struct Counts {
    /// From when a request was whole to its answer; from when it was whole to when its run began; a run.
    pub request: Histogram,
    pub queue: Histogram,
    pub compute: Histogram,
    rows: AtomicU64,
    last_ms: AtomicU64,
    exhausted: AtomicU64,
    expired: AtomicU64,
    cancelled: AtomicU64,
    failed_ns: AtomicU64,
    /// Requests that were accepted and are not answered, and those of them that a run has taken.
    pub pending: AtomicUsize,
    pub taken: AtomicUsize,
}

impl Counts {
    /// bounds: of all histograms.
    pub fn new(bounds: &[u64]) -> Self {
        let (rows, last_ms, exhausted, expired, cancelled, failed_ns, pending, taken) = Default::default();
        let [request, queue, compute] = [(); 3].map(|()| Histogram::new(bounds));
        Self { request, queue, compute, rows, last_ms, exhausted, expired, cancelled, failed_ns, pending, taken }
    }

    /// A request was answered, after so long.
    pub fn answered(&self, rows: usize, took: Duration) {
        self.request.add(took);
        self.rows.fetch_add(rows as u64, Relaxed);
    }

    /// Something was answered just now.
    pub fn touch(&self) {
        let last = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64);
        self.last_ms.store(last, Relaxed);
    }

    /// A request was refused or given up, after so long.
    pub fn failed(&self, code: u32, took: Duration) {
        let count = match code {
            status::CANCELLED => &self.cancelled,
            status::DEADLINE_EXCEEDED => &self.expired,
            _ => &self.exhausted,
        };
        count.fetch_add(1, Relaxed);
        self.failed_ns.fetch_add(took.as_nanos() as u64, Relaxed);
    }

    pub fn read(&self) -> HashMap<&'static str, u64> {
        let (pending, taken) = (self.pending.load(Relaxed), self.taken.load(Relaxed));
        HashMap::from([
            ("rows", self.rows.load(Relaxed)),
            ("last_ms", self.last_ms.load(Relaxed)),
            ("exhausted", self.exhausted.load(Relaxed)),
            ("expired", self.expired.load(Relaxed)),
            ("cancelled", self.cancelled.load(Relaxed)),
            ("failed_ns", self.failed_ns.load(Relaxed)),
            ("pending", pending as u64),
            ("waiting", pending.saturating_sub(taken) as u64),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_its_bound() {
        let histogram = Histogram::new(&[10, 20]);
        for nanoseconds in [0, 10, 11, 20, 21, 1000] {
            histogram.add(Duration::from_nanos(nanoseconds));
        }
        assert_eq!(histogram.read(), [2, 2, 2, 1062]);
    }
}

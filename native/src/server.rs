//! What all threads of a server share, and the server's life: from listening to a drain that loses no call.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, RwLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustls::ServerConfig;

use crate::access::Access;
use crate::call::Reply;
use crate::connection::Patience;
use crate::dispatch::Dispatch;
use crate::health::{Health, SERVING};
use crate::inbox::{Inbox, Item};
use crate::journal::Journal;
use crate::reactor::Reactor;
use crate::route::{Address, Models};
use crate::work::{Outcome, Work};

#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(u8)]
pub enum Phase {
    Serving,
    /// Watches of its health have ended; everything is still answered.
    Leaving,
    /// New inference is refused.
    Refusing,
    /// No new connections and streams; what was accepted is finished.
    Draining,
    Stopped,
}

pub struct Limits {
    pub max_message: usize,
    pub max_streams: u32,
    /// Of one reactor.
    pub connections: usize,
    pub patience: Patience,
}

pub struct Shared {
    pub models: Models,
    pub health: Health,
    pub limits: Limits,
    pub access: Access,
    pub journal: Arc<Journal>,
    pub dispatch: Dispatch,
    pub work: Work,
    pub inboxes: Vec<Inbox>,
    pub connections: AtomicUsize,
    tls: RwLock<Option<Arc<ServerConfig>>>,
    phase: AtomicU8,
    running: Mutex<usize>,
    ended: Condvar,
}

impl Shared {
    /// guarded: callers need a token. waiting: requests that may wait for Python.
    pub fn new(limits: Limits, guarded: bool, waiting: usize, reactors: usize) -> std::io::Result<Self> {
        let inboxes = (0..reactors).map(|_| Inbox::new()).collect::<std::io::Result<_>>()?;
        let (models, health, journal, work, connections, tls, phase, ended) = Default::default();
        let (access, dispatch, running) = (Access::new(guarded), Dispatch::new(waiting), Mutex::new(reactors));
        Ok(Self { models, health, limits, access, journal, dispatch, work, inboxes, connections, tls, phase, running, ended })
    }

    pub fn phase(&self) -> Phase {
        match self.phase.load(Relaxed) {
            0 => Phase::Serving,
            1 => Phase::Leaving,
            2 => Phase::Refusing,
            3 => Phase::Draining,
            _ => Phase::Stopped,
        }
    }

    /// What new connections are encrypted with; None where they are not.
    pub fn tls(&self) -> Option<Arc<ServerConfig>> {
        self.tls.read().unwrap_or_else(|e| e.into_inner()).clone()
    }

    pub fn set_tls(&self, config: Arc<ServerConfig>) {
        *self.tls.write().unwrap_or_else(|e| e.into_inner()) = Some(config);
    }

    pub fn is_refusing(&self) -> bool {
        self.phase.load(Relaxed) >= Phase::Refusing as u8
    }

    /// Whether inference requests are welcome: what the health of the whole server says.
    pub fn is_ready(&self) -> bool {
        self.health.state("") == Some(SERVING)
    }

    pub fn answer(&self, address: Address, reply: Reply) {
        self.inboxes[address.reactor].put(Item::Reply(address, reply));
    }

    pub fn finish(&self, outcome: Outcome) {
        match outcome {
            Outcome::Reply(address, reply) => self.answer(address, reply),
            Outcome::Python(request) => {
                let address = request.address;
                if let Some(refusal) = self.dispatch.push(request) {
                    self.answer(address, refusal);
                }
            }
        }
    }

    pub fn wake(&self) {
        self.inboxes.iter().for_each(|inbox| inbox.waker.wake());
    }

    pub fn reactor_ended(&self) {
        *self.running.lock().unwrap_or_else(|e| e.into_inner()) -= 1;
        self.ended.notify_all();
    }

    /// Phases only go on.
    pub fn enter(&self, phase: Phase) {
        self.phase.fetch_max(phase as u8, Relaxed);
        self.wake();
    }

    /// False where the time ran out before every reactor had ended.
    fn wait(&self, until: Instant) -> bool {
        let running = self.running.lock().unwrap_or_else(|e| e.into_inner());
        let left = until.saturating_duration_since(Instant::now());
        let (running, _) = self.ended.wait_timeout_while(running, left, |r| *r > 0).unwrap_or_else(|e| e.into_inner());
        *running == 0
    }
}

/// The threads, and what they share.
pub struct Server {
    pub shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Server {
    pub fn start(shared: Shared, listener: TcpListener, workers: usize) -> std::io::Result<Self> {
        listener.set_nonblocking(true)?;
        let (shared, mut listener) = (Arc::new(shared), Some(listener));
        let mut threads = Vec::new();
        for index in 0..shared.inboxes.len() {
            let reactor = Reactor::new(index, shared.clone(), listener.take())?;
            threads.push(thread::Builder::new().name(format!("reactor-{index}")).spawn(move || reactor.run())?);
        }
        for index in 0..workers {
            let shared = shared.clone();
            let work = move || shared.work.work(&mut |outcome| shared.finish(outcome));
            threads.push(thread::Builder::new().name(format!("worker-{index}")).spawn(work)?);
        }
        Ok(Self { shared, threads: Mutex::new(threads) })
    }

    pub fn add_thread(&self, thread: JoinHandle<()>) {
        self.threads.lock().unwrap_or_else(|e| e.into_inner()).push(thread);
    }

    /// Take nothing new, finish what was accepted, stop. False when the time ran out.
    pub fn drain(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        self.shared.enter(Phase::Draining);
        let finished = self.shared.wait(until);
        self.stop();
        finished
    }

    /// Stop at once; calls in flight are cut off.
    pub fn stop(&self) {
        self.shared.enter(Phase::Stopped);
        self.shared.work.close();
        self.shared.dispatch.close();
        self.shared.journal.close();
        for thread in std::mem::take(&mut *self.threads.lock().unwrap_or_else(|e| e.into_inner())) {
            let _ = thread.join();
        }
    }
}

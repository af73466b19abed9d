//! Clients of calls that Python is at: whether they are still there, and whom to tell when they are not.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use pyo3::prelude::*;

use crate::route::Address;

/// What `answer` is given of its client.
#[pyclass(frozen)]
#[derive(Clone)]
pub struct Caller(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    gone: bool,
    callback: Option<Py<PyAny>>,
}

#[pymethods]
impl Caller {
    /// Register a function, in place of the one before, that is called when the client goes away; False where it has gone.
    fn on_end(&self, callback: Py<PyAny>) -> bool {
        let mut state = self.0.lock().unwrap_or_else(|e| e.into_inner());
        if state.gone {
            return false;
        }
        let before = state.callback.replace(callback);
        drop(state); // what goes with the callback may be anything, and may take long
        drop(before);
        true
    }
}

/// All such clients. Callbacks are called on a thread of their own, since readers must not wait for Python's lock.
pub struct Callers {
    present: Mutex<Vec<(Address, Arc<Mutex<State>>)>>,
    leaving: Mutex<Option<Sender<Py<PyAny>>>>,
    left: Mutex<Option<Receiver<Py<PyAny>>>>,
}

impl Callers {
    pub fn new() -> Self {
        let (leaving, left) = channel();
        Self { present: Mutex::default(), leaving: Mutex::new(Some(leaving)), left: Mutex::new(Some(left)) }
    }

    pub fn enter(&self, address: Address) -> Caller {
        let state = Arc::new(Mutex::new(State::default()));
        self.present.lock().unwrap_or_else(|e| e.into_inner()).push((address, state.clone()));
        Caller(state)
    }

    /// Python has answered.
    pub fn leave(&self, caller: &Caller) {
        self.present.lock().unwrap_or_else(|e| e.into_inner()).retain(|(_, state)| !Arc::ptr_eq(state, &caller.0));
    }

    /// The client of a call has gone.
    pub fn cancel(&self, address: &Address) {
        let present = self.present.lock().unwrap_or_else(|e| e.into_inner());
        for (_, state) in present.iter().filter(|(of, _)| of.is_of(address)) {
            let mut state = state.lock().unwrap_or_else(|e| e.into_inner());
            state.gone = true;
            if let (Some(callback), Some(leaving)) =
                (state.callback.take(), &*self.leaving.lock().unwrap_or_else(|e| e.into_inner()))
            {
                let _ = leaving.send(callback);
            }
        }
    }

    /// Tell of those who go, until `close`.
    pub fn tell(&self) {
        let Some(left) = self.left.lock().unwrap_or_else(|e| e.into_inner()).take() else { return };
        for callback in left {
            Python::attach(|py| {
                if let Err(error) = callback.call0(py) {
                    error.write_unraisable(py, None);
                }
            });
        }
    }

    pub fn close(&self) {
        self.leaving.lock().unwrap_or_else(|e| e.into_inner()).take();
    }
}

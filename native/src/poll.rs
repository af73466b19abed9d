//! epoll and eventfd: the few calls of Linux that a reactor needs.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

pub const READ: u32 = libc::EPOLLIN as u32;
pub const WRITE: u32 = libc::EPOLLOUT as u32;

pub struct Poll(OwnedFd);

impl Poll {
    pub fn new() -> io::Result<Self> {
        // SAFETY: a new descriptor that nobody else owns.
        owned(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) }).map(Self)
    }

    pub fn add(&self, fd: &impl AsRawFd, key: u64, interest: u32) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, fd.as_raw_fd(), key, interest)
    }

    pub fn change(&self, fd: &impl AsRawFd, key: u64, interest: u32) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, fd.as_raw_fd(), key, interest)
    }

    pub fn remove(&self, fd: &impl AsRawFd) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_DEL, fd.as_raw_fd(), 0, 0)
    }

    fn control(&self, operation: i32, fd: RawFd, key: u64, interest: u32) -> io::Result<()> {
        let mut event = libc::epoll_event { events: interest, u64: key };
        // SAFETY: both descriptors are open, and the event is valid for the call.
        done(unsafe { libc::epoll_ctl(self.0.as_raw_fd(), operation, fd, &mut event) })
    }

    /// Keys of what is ready.
    pub fn wait(&self, keys: &mut Vec<u64>, timeout: Duration) {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 256];
        // SAFETY: the array has the length that is passed with it. An interrupted wait finds nothing, and is made again.
        let count = unsafe { libc::epoll_wait(self.0.as_raw_fd(), events.as_mut_ptr(), 256, timeout.as_millis() as i32) };
        keys.clear();
        keys.extend(events.iter().take(count.max(0) as usize).map(|event| event.u64));
    }
}

/// Wakes a poll from another thread.
pub struct Waker(OwnedFd);

impl Waker {
    pub fn new() -> io::Result<Self> {
        // SAFETY: a new descriptor that nobody else owns.
        owned(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) }).map(Self)
    }

    pub fn wake(&self) {
        let count = 1u64;
        // SAFETY: eight valid bytes; it fails only where the poll is awake anyway.
        unsafe { libc::write(self.0.as_raw_fd(), (&raw const count).cast(), 8) };
    }

    pub fn clear(&self) {
        let mut count = 0u64;
        // SAFETY: eight valid bytes.
        unsafe { libc::read(self.0.as_raw_fd(), (&raw mut count).cast(), 8) };
    }
}

impl AsRawFd for Waker {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

fn owned(fd: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: the caller has just been given it.
    done(fd).map(|()| unsafe { OwnedFd::from_raw_fd(fd) })
}

fn done(result: i32) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

//! One HTTP/2 connection's protocol state: nghttp2's session, and callbacks that fill `Streams`. Knows bytes, not sockets.

use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

use libnghttp2_sys as ng;

use crate::call::Trailers;
use crate::compression::ACCEPTED;
use crate::stream::Streams;

/// Headers of one request, names and values together.
pub const HEADERS: usize = 16 << 10;
/// What a client may send of one message before it hears of us again.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: i32 = 8 << 20;
/// Streams that a client may cancel at once, and per second: cancelling is how gRPC's clients keep their deadlines.
const RESETS: (u64, u64) = (10_000, 1_000);

/// The connection broke the protocol, or nghttp2 wants it closed.
pub struct Broken;

pub struct Http2 {
    session: *mut ng::nghttp2_session,
    /// Owned; behind a pointer because the callbacks reach it while `session` is in use.
    streams: *mut Streams,
}

// SAFETY: nghttp2 keeps no thread-local state; a connection is used by one thread at a time.
unsafe impl Send for Http2 {}

impl Http2 {
    pub fn new(streams: Streams, max_streams: u32) -> Self {
        let streams = Box::into_raw(Box::new(streams));
        let (mut session, mut options) = (null_mut(), null_mut());
        let setting = |settings_id: i32, value| ng::nghttp2_settings_entry { settings_id, value };
        let settings = [
            setting(ng::NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS as i32, max_streams),
            setting(ng::NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE as i32, STREAM_WINDOW),
            setting(ng::NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE as i32, HEADERS as u32),
        ];
        // SAFETY: every pointer is valid for its call; nghttp2 fails here only for want of memory.
        unsafe {
            ng::nghttp2_option_new(&mut options);
            ng::nghttp2_option_set_no_auto_window_update(options, 1);
            ng::nghttp2_option_set_no_closed_streams(options, 1);
            ng::nghttp2_option_set_stream_reset_rate_limit(options, RESETS.0, RESETS.1);
            ng::nghttp2_session_server_new2(&mut session, callbacks(), streams.cast(), options);
            ng::nghttp2_option_del(options);
            ng::nghttp2_submit_settings(session, 0, settings.as_ptr(), settings.len());
            ng::nghttp2_session_set_local_window_size(session, 0, 0, CONNECTION_WINDOW);
        }
        Self { session, streams }
    }

    pub fn streams(&mut self) -> &mut Streams {
        // SAFETY: no callback runs now, since those run within methods that borrow `self` too.
        unsafe { &mut *self.streams }
    }

    /// What the socket has brought.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        // SAFETY: the bytes are valid for the call.
        let read = unsafe { ng::nghttp2_session_mem_recv2(self.session, bytes.as_ptr(), bytes.len()) };
        if read < 0 { Err(Broken) } else { Ok(()) }
    }

    /// What the socket shall take, up to about `limit` bytes of it.
    pub fn send(&mut self, out: &mut Vec<u8>, limit: usize) -> Result<(), Broken> {
        while out.len() < limit {
            let mut data: *const u8 = null();
            // SAFETY: nghttp2 returns a length and a pointer that is valid until its next call.
            unsafe {
                let length = ng::nghttp2_session_mem_send2(self.session, &mut data);
                match length {
                    0 => return Ok(()),
                    1.. => out.extend_from_slice(std::slice::from_raw_parts(data, length as usize)),
                    _ => return Err(Broken),
                }
            }
        }
        Ok(())
    }

    /// Neither side has anything to say any more.
    pub fn is_over(&self) -> bool {
        // SAFETY: only looks.
        unsafe { ng::nghttp2_session_want_read(self.session) == 0 && ng::nghttp2_session_want_write(self.session) == 0 }
    }

    /// Begin the answer of a stream: its data comes from `Streams`, now and later.
    pub fn begin(&mut self, stream: i32) {
        let headers =
            [header(b":status", b"200"), header(b"content-type", b"application/grpc"), header(b"grpc-accept-encoding", ACCEPTED)];
        let source = ng::nghttp2_data_source { ptr: null_mut() };
        let provider = ng::nghttp2_data_provider2 { source, read_callback: Some(on_read) };
        // SAFETY: names and values are static; nghttp2 copies the rest.
        unsafe { ng::nghttp2_submit_response2(self.session, stream, headers.as_ptr(), headers.len(), &provider) };
    }

    /// The whole answer of a stream without a message: headers that are its trailers too.
    pub fn refuse(&mut self, stream: i32, trailers: &Trailers) {
        let (status, message) = (trailers.status(), trailers.encoded());
        let headers = [
            header(b":status", b"200"),
            header(b"content-type", b"application/grpc"),
            copied(b"grpc-status", &status),
            copied(b"grpc-message", &message),
            header(b"grpc-accept-encoding", ACCEPTED),
        ];
        // SAFETY: nghttp2 copies what is not static.
        unsafe { ng::nghttp2_submit_response2(self.session, stream, headers.as_ptr(), headers.len(), null()) };
    }

    /// An answer in HTTP's words, for what is no gRPC call.
    pub fn refuse_http(&mut self, stream: i32, status: &'static [u8]) {
        let headers = [header(b":status", status)];
        // SAFETY: as in `begin`.
        unsafe { ng::nghttp2_submit_response2(self.session, stream, headers.as_ptr(), 1, null()) };
    }

    /// A stream that had nothing to send has.
    pub fn resume(&mut self, stream: i32) {
        // SAFETY: fails for a stream that is not deferred or not there, which is as good.
        unsafe { ng::nghttp2_session_resume_data(self.session, stream) };
    }

    /// Let the client send as much again on a stream as was held back.
    pub fn consume(&mut self, stream: i32, length: usize) {
        // SAFETY: fails for a stream that is gone, which needs no window.
        unsafe { ng::nghttp2_session_consume_stream(self.session, stream, length) };
    }

    /// Ask the client whether it is still there.
    pub fn ping(&mut self) {
        // SAFETY: only queues a frame.
        unsafe { ng::nghttp2_submit_ping(self.session, 0, null()) };
    }

    /// Say that the connection is going to end; the client sends what is new elsewhere.
    pub fn announce_end(&mut self) {
        // SAFETY: only queues a frame.
        unsafe { ng::nghttp2_submit_shutdown_notice(self.session) };
    }

    /// Take no more streams.
    pub fn end(&mut self) {
        // SAFETY: only queues a frame.
        unsafe {
            let last = ng::nghttp2_session_get_last_proc_stream_id(self.session);
            ng::nghttp2_submit_goaway(self.session, 0, last, ng::NGHTTP2_NO_ERROR, null(), 0);
        }
    }
}

impl Drop for Http2 {
    fn drop(&mut self) {
        // SAFETY: both were made in `new`; the session, whose callbacks reach the streams, goes first.
        unsafe {
            ng::nghttp2_session_del(self.session);
            drop(Box::from_raw(self.streams));
        }
    }
}

fn header(name: &'static [u8], value: &'static [u8]) -> ng::nghttp2_nv {
    let flags = (ng::NGHTTP2_NV_FLAG_NO_COPY_NAME | ng::NGHTTP2_NV_FLAG_NO_COPY_VALUE) as u8;
    ng::nghttp2_nv { flags, ..copied(name, value) }
}

fn copied(name: &'static [u8], value: &[u8]) -> ng::nghttp2_nv {
    let (name, namelen) = (name.as_ptr().cast_mut(), name.len());
    ng::nghttp2_nv {
        name,
        namelen,
        value: value.as_ptr().cast_mut(),
        valuelen: value.len(),
        flags: ng::NGHTTP2_NV_FLAG_NO_COPY_NAME as u8,
    }
}

/// The callbacks, the same for every connection.
fn callbacks() -> *const ng::nghttp2_session_callbacks {
    struct Shared(*mut ng::nghttp2_session_callbacks);
    // SAFETY: written once below, and only read afterwards.
    unsafe impl Send for Shared {}
    unsafe impl Sync for Shared {}
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED
        .get_or_init(|| {
            let mut made = null_mut();
            // SAFETY: the functions have the types that nghttp2 declares.
            unsafe {
                ng::nghttp2_session_callbacks_new(&mut made);
                ng::nghttp2_session_callbacks_set_on_begin_headers_callback(made, Some(on_begin));
                ng::nghttp2_session_callbacks_set_on_header_callback(made, Some(on_header));
                ng::nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, Some(on_data));
                ng::nghttp2_session_callbacks_set_on_frame_recv_callback(made, Some(on_frame));
                ng::nghttp2_session_callbacks_set_on_frame_send_callback(made, Some(on_sent));
                ng::nghttp2_session_callbacks_set_on_stream_close_callback(made, Some(on_close));
            }
            Shared(made)
        })
        .0
}

/// # Safety
/// `data` is the pointer that `Http2::new` gave to nghttp2, within one of its callbacks.
unsafe fn streams<'a>(data: *mut c_void) -> &'a mut Streams {
    // SAFETY: the caller's promise; callbacks of one session never run at the same time.
    unsafe { &mut *data.cast::<Streams>() }
}

// SAFETY, for all callbacks: nghttp2 passes valid pointers, and lengths that belong to them.
unsafe extern "C" fn on_begin(_: *mut ng::nghttp2_session, frame: *const ng::nghttp2_frame, data: *mut c_void) -> i32 {
    unsafe {
        if (*frame).hd.type_ == ng::NGHTTP2_HEADERS as u8 && (*frame).headers.cat == ng::NGHTTP2_HCAT_REQUEST {
            streams(data).open((*frame).hd.stream_id);
        }
    }
    0
}

unsafe extern "C" fn on_header(
    _: *mut ng::nghttp2_session,
    frame: *const ng::nghttp2_frame,
    name: *const u8,
    name_length: usize,
    value: *const u8,
    value_length: usize,
    _: u8,
    data: *mut c_void,
) -> i32 {
    unsafe {
        let name = std::slice::from_raw_parts(name, name_length);
        let value = std::slice::from_raw_parts(value, value_length);
        if streams(data).header((*frame).hd.stream_id, name, value) { 0 } else { ng::NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE }
    }
}

unsafe extern "C" fn on_data(
    session: *mut ng::nghttp2_session,
    _: u8,
    stream: i32,
    bytes: *const u8,
    length: usize,
    data: *mut c_void,
) -> i32 {
    unsafe {
        let held = streams(data).data(stream, std::slice::from_raw_parts(bytes, length));
        if held {
            ng::nghttp2_session_consume_connection(session, length);
        } else {
            ng::nghttp2_session_consume(session, stream, length);
        }
    }
    0
}

unsafe extern "C" fn on_frame(_: *mut ng::nghttp2_session, frame: *const ng::nghttp2_frame, data: *mut c_void) -> i32 {
    unsafe {
        let hd = (*frame).hd;
        streams(data).greeted = true;
        let carries = hd.type_ == ng::NGHTTP2_HEADERS as u8 || hd.type_ == ng::NGHTTP2_DATA as u8;
        if carries && hd.flags & ng::NGHTTP2_FLAG_END_STREAM as u8 != 0 {
            streams(data).half_close(hd.stream_id);
        } else if hd.type_ == ng::NGHTTP2_HEADERS as u8 {
            streams(data).begun(hd.stream_id);
        }
    }
    0
}

/// A stream that was answered before its client had sent everything is ended, or its window would stay taken.
unsafe extern "C" fn on_sent(session: *mut ng::nghttp2_session, frame: *const ng::nghttp2_frame, data: *mut c_void) -> i32 {
    unsafe {
        let hd = (*frame).hd;
        let ends = hd.type_ == ng::NGHTTP2_HEADERS as u8 && hd.flags & ng::NGHTTP2_FLAG_END_STREAM as u8 != 0;
        if ends && streams(data).is_open(hd.stream_id) {
            ng::nghttp2_submit_rst_stream(session, 0, hd.stream_id, ng::NGHTTP2_NO_ERROR);
        }
    }
    0
}

unsafe extern "C" fn on_close(_: *mut ng::nghttp2_session, stream: i32, _: u32, data: *mut c_void) -> i32 {
    unsafe { streams(data).close(stream) };
    0
}

unsafe extern "C" fn on_read(
    session: *mut ng::nghttp2_session,
    stream: i32,
    buffer: *mut u8,
    length: usize,
    flags: *mut u32,
    _: *mut ng::nghttp2_data_source,
    data: *mut c_void,
) -> ng::nghttp2_ssize {
    unsafe {
        let buffer = std::slice::from_raw_parts_mut(buffer, length);
        let Some((count, trailers)) = streams(data).read(stream, buffer) else {
            return ng::NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE as _;
        };
        match trailers {
            Some(trailers) => {
                *flags |= ng::NGHTTP2_DATA_FLAG_EOF | ng::NGHTTP2_DATA_FLAG_NO_END_STREAM;
                let (status, message) = (trailers.status(), trailers.encoded());
                let headers = [copied(b"grpc-status", &status), copied(b"grpc-message", &message)];
                ng::nghttp2_submit_trailer(session, stream, headers.as_ptr(), 1 + usize::from(!message.is_empty()));
            }
            None if count == 0 => return ng::NGHTTP2_ERR_DEFERRED as _,
            None => {}
        }
        count as _
    }
}

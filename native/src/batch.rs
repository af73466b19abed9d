//! Requests that run together: their rows in one piece through the model, and each one's own rows back.

use std::collections::VecDeque;
use std::ffi::c_char;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use crate::call::Reply;
use crate::dispatch::expired;
use crate::feeds::{Accepted, Texts};
use crate::journal::{Journal, request_id};
use crate::method::Method;
use crate::model::Model;
use crate::protobuf::{put_bytes, put_varint, varint_size};
use crate::route::Address;
use crate::runtime::{Failure, Tensor};
use crate::status::{self, Status};

/// One accepted request. body: the message, behind the 5 bytes of its frame. It is one of its model's pending requests.
pub struct Job {
    pub model: Arc<Model>,
    pub body: Vec<u8>,
    pub accepted: Accepted,
    pub address: Address,
    pub arrived: Instant,
    pub deadline: Option<Instant>,
    /// Whether it came on a stream, whose replies are wrapped.
    pub streamed: bool,
    pub metadata: Vec<(String, String)>,
    pub caller: Arc<str>,
    /// Where its outcome is to be noted.
    pub journal: Option<Arc<Journal>>,
}

impl Job {
    fn column(&self, index: usize) -> &[u8] {
        &self.body[self.accepted.feeds[index].place.clone()]
    }

    pub fn method(&self) -> Method {
        if self.streamed { Method::StreamInfer } else { Method::Infer }
    }

    /// What is said to a request that has waited too long, if it has.
    pub fn overdue(&self, now: Instant) -> Option<Reply> {
        let limit = self.model.settings.queue_timeout;
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.failed(status::DEADLINE_EXCEEDED);
            return Some(expired());
        }
        (!limit.is_zero() && now.duration_since(self.arrived) >= limit).then(|| {
            self.failed(status::RESOURCE_EXHAUSTED);
            self.refusal(format!("no execution was free for {} s", limit.as_secs_f64()))
        })
    }

    /// RESOURCE_EXHAUSTED; a stream goes on after it, as the service's own does.
    pub fn refusal(&self, text: String) -> Reply {
        if !self.streamed {
            return Reply::Status(Status::new(status::RESOURCE_EXHAUSTED, text));
        }
        let (mut response, mut out) = (Vec::new(), vec![0; 5]);
        let id = &self.body[self.accepted.id.clone()];
        if !id.is_empty() {
            put_bytes(&mut response, 3, id);
        }
        put_bytes(&mut out, 1, text.as_bytes());
        put_bytes(&mut out, 2, &response);
        frame(&mut out);
        Reply::Message(out)
    }

    /// Count and note that it was refused, or given up.
    pub fn failed(&self, code: u32) {
        let took = self.arrived.elapsed();
        self.model.counts.failed(code, took);
        self.note(code, took);
    }

    /// Count and note that it was answered. start: of its run.
    pub fn answered(&self, start: Instant, end: Instant) {
        self.model.counts.queue.add(start.saturating_duration_since(self.arrived));
        let took = end.saturating_duration_since(self.arrived);
        self.model.counts.answered(self.accepted.rows, took);
        self.note(status::OK, took);
    }

    fn note(&self, code: u32, took: Duration) {
        let Some(journal) = &self.journal else { return };
        let own = &self.body[self.accepted.id.clone()];
        let id = if own.is_empty() { request_id(&self.metadata) } else { String::from_utf8_lossy(own).into_owned() };
        journal.note(self.method().name(), &self.model.name, code, took, id, &self.caller);
    }

    /// Whether the rows of both fit into one tensor, and they ask for the same.
    pub fn joins(&self, other: &Self) -> bool {
        if !Arc::ptr_eq(&self.model, &other.model) {
            return false;
        }
        let both = self.accepted.feeds.iter().zip(&other.accepted.feeds);
        self.accepted.outputs == other.accepted.outputs && both.into_iter().all(|(a, b)| a.sizes.sizes() == b.sizes.sizes())
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.model.counts.pending.fetch_sub(1, Relaxed);
    }
}

/// The job at a place, and those behind it that run with it; the others keep their order.
pub fn take(queue: &mut VecDeque<Job>, place: usize) -> Vec<Job> {
    let mut behind = queue.split_off(place);
    let Some(first) = behind.pop_front() else { return Vec::new() };
    let (mut rows, limit) = (first.accepted.rows, first.model.batch());
    let mut taken = vec![first];
    while rows < limit
        && let Some(job) = behind.pop_front()
    {
        if rows + job.accepted.rows <= limit && job.joins(&taken[0]) {
            rows += job.accepted.rows;
            taken.push(job);
        } else {
            queue.push_back(job);
        }
    }
    queue.append(&mut behind);
    taken
}

/// The replies, framed, in the order of the jobs. Fails for all where one fails.
pub fn run(jobs: &[Job]) -> Result<Vec<Vec<u8>>, Failure> {
    let model = &*jobs[0].model;
    let rows: usize = jobs.iter().map(|job| job.accepted.rows).sum();
    let mut buffers = Vec::with_capacity(model.schema.inputs.len());
    let mut inputs = Vec::with_capacity(model.schema.inputs.len());
    for index in 0..model.schema.inputs.len() {
        inputs.push(gather(model, jobs, index, rows, &mut buffers)?);
    }
    let wanted = &jobs[0].accepted.outputs;
    let start = Instant::now();
    let answers = model.session.run(&inputs, wanted)?;
    model.ran(rows, start.elapsed());
    let mut outputs = Vec::with_capacity(answers.len());
    for (tensor, &index) in answers.iter().zip(wanted) {
        outputs.push(Output::read(model, tensor, usize::from(index))?);
    }
    if jobs.len() > 1 && outputs.iter().any(|output| output.sizes.first() != Some(&(rows as i64))) {
        return Err("an output has other rows than the input".to_owned());
    }
    let mut first = 0;
    Ok(jobs
        .iter()
        .map(|job| {
            let end = first + job.accepted.rows;
            let reply = reply(model, job, &outputs, (jobs.len() > 1).then_some((first, end)));
            first = end;
            reply
        })
        .collect())
}

/// One input of all jobs. buffers: keeps joined numbers until the run is over; 8 bytes each, so that all kinds are aligned.
fn gather(model: &Model, jobs: &[Job], index: usize, rows: usize, buffers: &mut Vec<Vec<u64>>) -> Result<Tensor, Failure> {
    let (kind, runtime) = (model.schema.inputs[index].kind, &model.session.runtime);
    let mut sizes = vec![rows as i64];
    sizes.extend_from_slice(jobs[0].accepted.feeds[index].sizes.sizes());
    if kind.is_text() {
        let (mut bytes, mut starts) = (Vec::new(), Vec::new());
        for text in jobs.iter().flat_map(|job| Texts(job.column(index)).flatten()) {
            starts.push(bytes.len());
            bytes.extend_from_slice(text);
            bytes.push(0);
        }
        let texts: Vec<*const c_char> = starts.iter().map(|&start| bytes[start..].as_ptr().cast()).collect();
        return Tensor::of_texts(runtime, &sizes, &texts);
    }
    if let [job] = jobs {
        let column = job.column(index);
        if column.as_ptr().addr().is_multiple_of(kind.size) {
            // SAFETY: the job outlives the tensor; `accept` has compared sizes and length.
            return unsafe { Tensor::over(runtime, kind, &sizes, column) };
        }
    }
    let length: usize = jobs.iter().map(|job| job.column(index).len()).sum();
    let mut buffer = vec![0u64; length.div_ceil(8)];
    // SAFETY: the buffer has at least `length` bytes, and any bytes are numbers.
    let joined = unsafe { std::slice::from_raw_parts_mut(buffer.as_mut_ptr().cast::<u8>(), length) };
    let mut at = 0;
    for job in jobs {
        let column = job.column(index);
        joined[at..at + column.len()].copy_from_slice(column);
        at += column.len();
    }
    buffers.push(buffer); // moves the Vec, not what it points to
    // SAFETY: the buffer stays in `buffers` until the run is over.
    unsafe { Tensor::over(runtime, kind, &sizes, joined) }
}

enum Contents<'a> {
    Numbers(&'a [u8]),
    Texts(Vec<u8>, Vec<usize>),
}

struct Output<'a> {
    index: usize,
    sizes: Vec<i64>,
    per_row: usize,
    contents: Contents<'a>,
}

impl<'a> Output<'a> {
    fn read(model: &Model, tensor: &'a Tensor, index: usize) -> Result<Self, Failure> {
        let (kind, sizes) = (model.schema.outputs[index].kind, tensor.sizes()?);
        let count = sizes.iter().product::<i64>() as usize;
        let per_row = sizes.iter().skip(1).product::<i64>() as usize;
        let contents = if kind.is_text() {
            let (bytes, starts) = tensor.texts(count)?;
            Contents::Texts(bytes, starts)
        } else {
            Contents::Numbers(tensor.bytes(count * kind.size)?)
        };
        Ok(Self { index, sizes, per_row, contents })
    }

    /// The raw contents of some rows.
    fn put(&self, out: &mut Vec<u8>, size: usize, rows: Option<(usize, usize)>) {
        match &self.contents {
            Contents::Numbers(bytes) => {
                let step = self.per_row * size;
                put_bytes(out, 6, rows.map_or(bytes, |(first, end)| &bytes[first * step..end * step]));
            }
            Contents::Texts(bytes, starts) => {
                let (first, end) = rows.map_or((0, starts.len() - 1), |(first, end)| (first * self.per_row, end * self.per_row));
                out.push(6 << 3 | 2);
                put_varint(out, (starts[end] - starts[first] + 4 * (end - first)) as u64);
                for text in starts[first..=end].windows(2) {
                    out.extend_from_slice(&((text[1] - text[0]) as u32).to_le_bytes());
                    out.extend_from_slice(&bytes[text[0]..text[1]]);
                }
            }
        }
    }
}

/// A ModelInferResponse in a gRPC frame. rows: which of the outputs' are this job's; None for all.
fn reply(model: &Model, job: &Job, outputs: &[Output<'_>], rows: Option<(usize, usize)>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    out.extend_from_slice(&[0; 5]);
    put_bytes(&mut out, 1, model.name.as_bytes());
    put_bytes(&mut out, 2, model.version.as_bytes());
    if !job.accepted.id.is_empty() {
        put_bytes(&mut out, 3, &job.body[job.accepted.id.clone()]);
    }
    for output in outputs {
        let column = &model.schema.outputs[output.index];
        let own = |place: usize, size: i64| rows.filter(|_| place == 0).map_or(size, |(first, end)| (end - first) as i64) as u64;
        let sizes = || output.sizes.iter().enumerate().map(|(place, &size)| own(place, size));
        let shape: usize = sizes().map(varint_size).sum();
        let (name, wire) = (column.name.as_bytes(), column.kind.wire.as_bytes());
        let field = |length: usize| if length == 0 { 0 } else { 1 + varint_size(length as u64) + length };
        out.push(5 << 3 | 2);
        put_varint(&mut out, (field(name.len()) + field(wire.len()) + field(shape)) as u64);
        put_bytes(&mut out, 1, name);
        put_bytes(&mut out, 2, wire);
        if shape > 0 {
            out.push(3 << 3 | 2);
            put_varint(&mut out, shape as u64);
            sizes().for_each(|size| put_varint(&mut out, size));
        }
    }
    for output in outputs {
        output.put(&mut out, model.schema.outputs[output.index].kind.size, rows);
    }
    frame(&mut out);
    out
}

/// Write the length of the message behind the first 5 bytes into them.
pub fn frame(message: &mut [u8]) {
    let length = (message.len() - 5) as u32;
    message[1..5].copy_from_slice(&length.to_be_bytes());
}

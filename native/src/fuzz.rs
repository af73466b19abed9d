//! Bytes from anywhere through everything that reads them. Called by cargo-fuzz (native/fuzz) and by the tests below.

use std::sync::LazyLock;

use crate::call::Reply;
use crate::feeds::{Texts, accept};
use crate::http2::Http2;
use crate::messages::{InferRequest, two_texts};
use crate::schema::Schema;
use crate::stream::{Action, Streams};

/// Every kind of column that is checked in its own way; small numbers of columns, so that a fuzzer finds them.
static SCHEMAS: LazyLock<Vec<Schema>> = LazyLock::new(|| {
    let schema = |inputs: &str| {
        let json = format!(r#"{{"inputs": [{inputs}], "outputs": [{{"name": "y", "dtype": "int64", "shape": [null]}}]}}"#);
        Schema::from_json(&json).expect("a schema")
    };
    vec![
        schema(r#"{"name": "a", "dtype": "float32", "shape": [null, 2], "finite": true}"#),
        schema(r#"{"name": "a", "dtype": "float64", "nullable": true, "finite": true}"#),
        schema(r#"{"name": "a", "dtype": "string", "nullable": true}"#),
        schema(r#"{"name": "a", "dtype": "bool", "shape": [null, null, 3]}"#),
        schema(r#"{"name": "a", "dtype": "datetime64"}, {"name": "b", "dtype": "string", "shape": [null, 2]}"#),
    ]
});

/// A ModelInferRequest, and what it says of its contents: nothing that is accepted may lie about them.
pub fn request(body: &[u8]) {
    let _ = two_texts(body);
    let Ok(request) = InferRequest::parse(body) else { return };
    for schema in SCHEMAS.iter() {
        let Some(accepted) = accept(schema, &request, body) else { continue };
        assert!(accepted.rows > 0 && body.get(accepted.id).is_some());
        assert!(accepted.outputs.iter().all(|&index| usize::from(index) < schema.outputs.len()));
        for (feed, column) in accepted.feeds.iter().zip(&schema.inputs) {
            let (contents, sizes) = (&body[feed.place.clone()], feed.sizes.sizes());
            let count = accepted.rows * sizes.iter().product::<i64>() as usize;
            if column.kind.is_text() {
                assert_eq!(Texts(contents).flatten().count(), count);
            } else {
                assert_eq!(contents.len(), count * column.kind.size);
            }
        }
    }
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
const LIMIT: usize = 1 << 12;

/// What a client sends on one connection, behind a good beginning, in pieces of any size; every message is answered.
pub fn connection(bytes: &[u8]) {
    let Some((&size, bytes)) = bytes.split_first() else { return };
    let mut http2 = Http2::new(Streams::new(LIMIT), 16);
    let mut out = Vec::new();
    for piece in std::iter::once(PREFACE).chain(bytes.chunks(usize::from(size) + 1)) {
        if http2.receive(piece).is_err() {
            return;
        }
        let streams = http2.streams();
        for message in std::mem::take(&mut streams.messages) {
            assert!((5..=LIMIT + 5).contains(&message.body.len()));
            request(&message.body[5..]);
            streams.reply(message.stream, message.number, Reply::Message(vec![0; 5]));
        }
        streams.cancelled.clear();
        for action in std::mem::take(&mut streams.actions) {
            match action {
                Action::Begin(stream) => http2.begin(stream),
                Action::Resume(stream) => http2.resume(stream),
                Action::Refuse(stream, trailers) => http2.refuse(stream, &trailers),
                Action::RefuseHttp(stream, status) => http2.refuse_http(stream, status),
                Action::Consume(stream, length) => http2.consume(stream, length),
            }
        }
        out.clear();
        if http2.send(&mut out, 1 << 20).is_err() || http2.is_over() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protobuf::{put_bytes, put_varint};
    use proptest::prelude::*;
    use proptest::sample::Index;

    /// A tensor named `name`, mostly one that some schema has.
    fn tensor(name: &'static str) -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
        let kind = prop::sample::select(vec!["FP32", "FP64", "BYTES", "BOOL", "INT64", "FP16"]);
        let sizes = prop::collection::vec(0u64..4, 0..4);
        (kind, sizes, prop::collection::vec(0u8..4, 0..64)).prop_map(move |(kind, sizes, raw)| {
            let (mut tensor, mut shape) = (Vec::new(), Vec::new());
            sizes.iter().for_each(|&size| put_varint(&mut shape, size));
            put_bytes(&mut tensor, 1, name.as_bytes());
            put_bytes(&mut tensor, 2, kind.as_bytes());
            put_bytes(&mut tensor, 3, &shape);
            (tensor, raw)
        })
    }

    fn message() -> impl Strategy<Value = Vec<u8>> {
        (prop::collection::vec(tensor("a"), 0..2), prop::collection::vec(tensor("b"), 0..2)).prop_map(|(a, b)| {
            let mut out = Vec::new();
            put_bytes(&mut out, 1, b"model");
            a.iter().chain(&b).for_each(|(tensor, _)| put_bytes(&mut out, 5, tensor));
            a.iter().chain(&b).for_each(|(_, raw)| put_bytes(&mut out, 7, raw));
            out
        })
    }

    /// Type, flags, stream and payload of a frame.
    fn frame() -> impl Strategy<Value = Vec<u8>> {
        (0u8..12, any::<u8>(), 0u32..6, prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(kind, flags, stream, payload)| {
            let mut out = (payload.len() as u32).to_be_bytes()[1..].to_vec();
            out.extend_from_slice(&[kind, flags]);
            out.extend_from_slice(&stream.to_be_bytes());
            out.extend_from_slice(&payload);
            out
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn requests_that_were_damaged(message in message(), damage in prop::collection::vec((any::<Index>(), any::<u8>()), 0..3)) {
            let mut message = message;
            damage.iter().for_each(|(place, byte)| *place.get_mut(&mut message) = *byte);
            request(&message);
        }

        #[test]
        fn frames_of_any_kind(size: u8, frames in prop::collection::vec(frame(), 0..12)) {
            connection(&[&[size], &frames.concat()[..]].concat());
        }
    }

    #[test]
    fn a_call_by_hand_is_read() {
        let path = b"/inference.GRPCInferenceService/ModelInfer";
        let mut headers = vec![0x83, 0x86, 0x04, path.len() as u8]; // POST, http, :path
        headers.extend_from_slice(path);
        headers.extend_from_slice(b"\x01\x01h\x0f\x10\x10application/grpc"); // :authority, content-type
        let frame =
            |kind: u8, flags: u8, payload: &[u8]| [&[0, 0, payload.len() as u8, kind, flags, 0, 0, 0, 1], payload].concat();
        let mut http2 = Http2::new(Streams::new(LIMIT), 16);
        let data = frame(0, 1, b"\0\0\0\0\x02ab");
        assert!(http2.receive(&[PREFACE, &frame(1, 4, &headers), &data].concat()).is_ok());
        assert_eq!(http2.streams().messages[0].body[5..], *b"ab");
    }
}

//! gRPC's message compression: what clients may send is read, and never becomes larger than a message may be.

use std::io::Read;

use flate2::read::{GzDecoder, ZlibDecoder};

use crate::status::{self, Status};

/// What is read, as the header that tells clients.
pub const ACCEPTED: &[u8] = b"identity, deflate, gzip";

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Encoding {
    #[default]
    Identity,
    Deflate,
    Gzip,
    Unknown,
}

impl Encoding {
    pub fn of(name: &[u8]) -> Self {
        match name {
            b"identity" => Self::Identity,
            b"deflate" => Self::Deflate,
            b"gzip" => Self::Gzip,
            _ => Self::Unknown,
        }
    }
}

/// A framed message as it was before it was compressed; `limit` bytes at most.
pub fn plain(body: Vec<u8>, encoding: Encoding, limit: usize) -> Result<Vec<u8>, Status> {
    match (body[0], encoding) {
        (_, Encoding::Unknown) => Err(Status::new(status::UNIMPLEMENTED, "expected grpc-encoding identity, deflate or gzip")),
        (0, _) => Ok(body),
        (1, Encoding::Deflate) => inflate(ZlibDecoder::new(&body[5..]), limit),
        (1, Encoding::Gzip) => inflate(GzDecoder::new(&body[5..]), limit),
        _ => Err(Status::new(status::INTERNAL, "a compressed message without grpc-encoding")),
    }
}

fn inflate(from: impl Read, limit: usize) -> Result<Vec<u8>, Status> {
    let mut out = vec![0; 5];
    let read = from.take(limit as u64 + 1).read_to_end(&mut out);
    if read.is_err() {
        return Err(Status::new(status::INTERNAL, "a compressed message that cannot be read"));
    }
    if out.len() - 5 > limit {
        let text = format!("SERVER: Received message larger than max (more than {limit})");
        return Err(Status::new(status::RESOURCE_EXHAUSTED, text));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn zipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(vec![1, 0, 0, 0, 0], flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_message_comes_back() {
        assert_eq!(plain(zipped(b"abc"), Encoding::Gzip, 3).unwrap()[5..], *b"abc");
    }

    #[test]
    fn a_bomb_is_refused() {
        assert_eq!(plain(zipped(&[0; 1 << 20]), Encoding::Gzip, 1 << 10).unwrap_err().code, status::RESOURCE_EXHAUSTED);
    }

    #[test]
    fn garbage_is_refused() {
        assert_eq!(plain(vec![1, 0, 0, 0, 2, 7, 7], Encoding::Gzip, 9).unwrap_err().code, status::INTERNAL);
        assert_eq!(plain(vec![1, 0, 0, 0, 0], Encoding::Identity, 9).unwrap_err().code, status::INTERNAL);
    }
}

//! The Open Inference Protocol's ModelInferRequest, read in place; numbers of fields as in proto/open_inference.proto.

use crate::protobuf::{Fields, Malformed, Value, text, varint};

/// More dimensions than any model has that is served here; a request with more is left to the reference.
pub const DIMENSIONS: usize = 8;

#[derive(Clone, Copy, Default)]
pub struct Shape {
    sizes: [i64; DIMENSIONS],
    length: usize,
}

impl Shape {
    pub fn sizes(&self) -> &[i64] {
        &self.sizes[..self.length]
    }

    /// At most DIMENSIONS sizes, as every shape has that was read.
    pub fn of(sizes: &[i64]) -> Self {
        let mut shape = Self { length: sizes.len(), ..Self::default() };
        shape.sizes[..sizes.len()].copy_from_slice(sizes);
        shape
    }

    fn push(&mut self, size: u64) -> Result<(), Malformed> {
        *self.sizes.get_mut(self.length).ok_or(Malformed)? = size as i64;
        self.length += 1;
        Ok(())
    }
}

#[derive(Default)]
pub struct Tensor<'a> {
    pub name: &'a str,
    pub datatype: &'a str,
    pub shape: Shape,
}

#[derive(Default)]
pub struct InferRequest<'a> {
    pub model: &'a str,
    pub version: &'a str,
    pub id: &'a str,
    pub inputs: Vec<Tensor<'a>>,
    pub outputs: Vec<&'a str>,
    pub raw: Vec<&'a [u8]>,
}

impl<'a> InferRequest<'a> {
    /// The request, where its contents are raw and it has no parameters: everything else is left to the reference.
    pub fn parse(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut request = Self::default();
        let mut fields = Fields::of(message);
        while let Some((number, value)) = fields.next()? {
            match (number, value) {
                (1, Value::Bytes(b)) => request.model = text(b)?,
                (2, Value::Bytes(b)) => request.version = text(b)?,
                (3, Value::Bytes(b)) => request.id = text(b)?,
                (5, Value::Bytes(b)) => request.inputs.push(tensor(b)?),
                (6, Value::Bytes(b)) => request.outputs.push(output(b)?),
                (7, Value::Bytes(b)) => request.raw.push(b),
                _ => return Err(Malformed),
            }
        }
        Ok(request)
    }
}

fn tensor(message: &[u8]) -> Result<Tensor<'_>, Malformed> {
    let mut tensor = Tensor::default();
    let mut fields = Fields::of(message);
    while let Some((number, value)) = fields.next()? {
        match (number, value) {
            (1, Value::Bytes(b)) => tensor.name = text(b)?,
            (2, Value::Bytes(b)) => tensor.datatype = text(b)?,
            (3, Value::Bytes(mut packed)) => {
                while !packed.is_empty() {
                    tensor.shape.push(varint(&mut packed)?)?;
                }
            }
            (3, Value::Varint(size)) => tensor.shape.push(size)?,
            _ => return Err(Malformed),
        }
    }
    Ok(tensor)
}

fn output(message: &[u8]) -> Result<&str, Malformed> {
    let (mut name, mut fields) = ("", Fields::of(message));
    while let Some((number, value)) = fields.next()? {
        match (number, value) {
            (1, Value::Bytes(b)) => name = text(b)?,
            _ => return Err(Malformed),
        }
    }
    Ok(name)
}

/// The name and version of a ModelReadyRequest, and the service of a HealthCheckRequest: two strings, or one.
pub fn two_texts(message: &[u8]) -> Result<(&str, &str), Malformed> {
    let (mut first, mut second, mut fields) = ("", "", Fields::of(message));
    while let Some((number, value)) = fields.next()? {
        match (number, value) {
            (1, Value::Bytes(b)) => first = text(b)?,
            (2, Value::Bytes(b)) => second = text(b)?,
            _ => return Err(Malformed),
        }
    }
    Ok((first, second))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_or_left(bytes: Vec<u8>) {
            let _ = InferRequest::parse(&bytes);
            let _ = two_texts(&bytes);
        }
    }

    #[test]
    fn a_request_is_read_in_place() {
        let bytes = b"\x0a\x01m\x1a\x01i\x2a\x0d\x0a\x01X\x12\x04FP32\x1a\x02\x01\x03\x32\x03\x0a\x01p\x3a\x02ab";
        let request = InferRequest::parse(bytes).unwrap();
        assert_eq!((request.model, request.version, request.id), ("m", "", "i"));
        assert_eq!((request.inputs[0].name, request.inputs[0].datatype), ("X", "FP32"));
        assert_eq!(request.inputs[0].shape.sizes(), [1, 3]);
        assert_eq!((request.outputs, request.raw), (vec!["p"], vec![&b"ab"[..]]));
    }
}

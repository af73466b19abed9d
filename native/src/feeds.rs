//! A request against the model's schema: accepted, or left to the reference.
//!
//! Nothing is refused here. What this file does not accept goes to the Python service as it came, which answers it or refuses
//! it with its status and its words (vajra_onnx/server/feeds.py, vajra_onnx/wire/): the two transports cannot differ in them.

use std::ops::Range;

use crate::messages::{InferRequest, Shape};
use crate::schema::{Column, Schema};
use ort_sys::ONNXTensorElementDataType as Element;

/// U+FDD0, the mark of missing text (vajra_onnx/frames/missing.py).
const MARK: &[u8] = b"\xef\xb7\x90";
const SENTINELS: [&[u8]; 3] = [b"\xef\xb7\x90nan", b"\xef\xb7\x90None", b"\xef\xb7\x90NA"];

/// Where a column's contents lie in the request, and their sizes without the rows.
pub struct Feed {
    pub place: Range<usize>,
    pub sizes: Shape,
}

/// A request that the model can run as it is. feeds: in the order of the schema. outputs: indices, in the order asked for.
pub struct Accepted {
    pub rows: usize,
    pub feeds: Vec<Feed>,
    pub outputs: Vec<u16>,
    pub id: Range<usize>,
}

/// body: what the request was read from.
pub fn accept(schema: &Schema, request: &InferRequest<'_>, body: &[u8]) -> Option<Accepted> {
    if request.inputs.len() != schema.inputs.len() || request.raw.len() != request.inputs.len() {
        return None;
    }
    let (mut rows, mut feeds) = (0, Vec::with_capacity(schema.inputs.len()));
    for (index, column) in schema.inputs.iter().enumerate() {
        // Clients that send the columns in the schema's order are found at once.
        let place = match request.inputs.get(index) {
            Some(input) if input.name == column.name => index,
            _ => request.inputs.iter().position(|input| input.name == column.name)?,
        };
        let (input, raw) = (&request.inputs[place], request.raw[place]);
        if input.datatype != column.kind.wire {
            return None;
        }
        let (count, sizes) = shaped(column, input.shape.sizes())?;
        if index == 0 {
            rows = count;
        }
        if count != rows || !contents(column, raw, elements(count, sizes.sizes())?) {
            return None;
        }
        feeds.push(Feed { place: within(raw, body), sizes });
    }
    let outputs = outputs(schema, &request.outputs)?;
    (rows > 0).then(|| Accepted { rows, feeds, outputs, id: within(request.id.as_bytes(), body) })
}

/// Rows and further sizes; a column of one value per row may come flat.
fn shaped(column: &Column, shape: &[i64]) -> Option<(usize, Shape)> {
    let (&rows, rest) = shape.split_first()?;
    let rows = usize::try_from(rows).ok()?;
    if rest.is_empty() && column.sizes == [Some(1)] {
        return Some((rows, Shape::of(&[1])));
    }
    let fits =
        rest.len() == column.sizes.len() && rest.iter().zip(&column.sizes).all(|(&got, w)| got > 0 && w.is_none_or(|w| w == got));
    fits.then(|| (rows, Shape::of(rest)))
}

fn elements(rows: usize, sizes: &[i64]) -> Option<usize> {
    sizes.iter().try_fold(rows, |count, &size| count.checked_mul(usize::try_from(size).ok()?))
}

fn contents(column: &Column, raw: &[u8], count: usize) -> bool {
    if column.kind.is_text() {
        return texts(column, raw, count);
    }
    if Some(raw.len()) != count.checked_mul(column.kind.size) {
        return false;
    }
    match column.kind.element {
        Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL => raw.iter().all(|&b| b <= 1),
        Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT => {
            floats(column, raw, |b: [u8; 4]| u64::from(u32::from_le_bytes(b)), 0x7f80_0000, 0x7fff_ffff)
        }
        Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE => {
            floats(column, raw, u64::from_le_bytes, 0x7ff0_0000_0000_0000, 0x7fff_ffff_ffff_ffff)
        }
        Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 => {
            floats(column, raw, |b: [u8; 2]| u64::from(u16::from_le_bytes(b)), 0x7c00, 0x7fff)
        }
        _ if column.kind.is_datetime && !column.nullable => {
            raw.as_chunks::<8>().0.iter().all(|&b| i64::from_le_bytes(b) != i64::MIN)
        }
        _ => true,
    }
}

/// exponent: the bits that are all set in a NaN and in an infinity. sign_off: all bits but the sign.
fn floats<const SIZE: usize>(
    column: &Column,
    raw: &[u8],
    bits: impl Fn([u8; SIZE]) -> u64,
    exponent: u64,
    sign_off: u64,
) -> bool {
    if column.nullable && !column.finite {
        return true;
    }
    let numbers = raw.as_chunks::<SIZE>().0;
    // Without an early end, so that the compiler can look at many numbers at once.
    if !numbers.iter().fold(false, |odd, &b| odd | (bits(b) & exponent == exponent)) {
        return true;
    }
    numbers
        .iter()
        .map(|&b| bits(b) & sign_off)
        .all(|b| if b > exponent { column.nullable } else { b < exponent || !column.finite })
}

fn texts(column: &Column, raw: &[u8], count: usize) -> bool {
    let mut seen = 0;
    for text in Texts(raw) {
        let Some(text) = text else { return false };
        // ONNX Runtime's C API ends texts at a zero.
        if text.contains(&0) || std::str::from_utf8(text).is_err() {
            return false;
        }
        if let Some(rest) = text.strip_prefix(MARK) {
            let is_missing = SENTINELS.contains(&text);
            if !(is_missing && column.nullable || !is_missing && rest.starts_with(MARK)) {
                return false;
            }
        }
        seen += 1;
    }
    seen == count
}

/// The elements of raw BYTES contents: 4 bytes of length, little-endian, and the text. None where one is cut off.
pub struct Texts<'a>(pub &'a [u8]);

impl<'a> Iterator for Texts<'a> {
    type Item = Option<&'a [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let cut = self
            .0
            .split_first_chunk::<4>()
            .and_then(|(length, rest)| rest.split_at_checked(u32::from_le_bytes(*length) as usize));
        match cut {
            Some((text, rest)) => {
                self.0 = rest;
                Some(Some(text))
            }
            None => {
                self.0 = &[];
                Some(None)
            }
        }
    }
}

fn outputs(schema: &Schema, names: &[&str]) -> Option<Vec<u16>> {
    if names.is_empty() {
        return (0..schema.outputs.len()).map(|i| u16::try_from(i).ok()).collect();
    }
    let mut found: Vec<u16> = Vec::with_capacity(names.len());
    for name in names {
        let index = u16::try_from(schema.outputs.iter().position(|c| c.name == *name)?).ok()?;
        if found.contains(&index) {
            return None;
        }
        found.push(index);
    }
    Some(found)
}

/// Where a part of `body` lies in it.
fn within(part: &[u8], body: &[u8]) -> Range<usize> {
    if part.is_empty() {
        return 0..0;
    }
    let start = part.as_ptr().addr() - body.as_ptr().addr();
    start..start + part.len()
}

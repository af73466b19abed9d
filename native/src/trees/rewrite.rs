//! A model whose tree ensembles are operators of ours: the same file, with other nodes in it, and in memory only.

use super::ensemble::Unsupported;
use super::kernel::Kernel;
use super::operator::{DOMAIN, NODE, Operand};
use crate::protobuf::{Fields, Malformed, Value, put_bytes, put_varint};

/// Graphs within graphs, deeper than any that is looked at.
const DEPTH: usize = 8;
/// How the exporter names the node that asks whether there are few rows: if so, trees answer, and otherwise other operators the
/// same, where they are faster than ONNX Runtime's trees (vajra_onnx/graph/symmetric.py).
const FEW_ROWS: &[u8] = b"vajra_onnx.few_rows";
const TRUE: &[u8] = b"vajra_onnx.kernels.true";

/// The model with every tree ensemble that the kernel takes replaced; None where there is none.
///
/// model: a serialized ModelProto. Numbers of fields as in onnx.proto.
pub fn rewrite(model: &[u8]) -> Option<Vec<u8>> {
    let mut out = edit(model, |number, bytes| if number == 7 { graph(bytes, DEPTH) } else { Ok(None) }).ok()??;
    let mut import = Vec::new();
    put_bytes(&mut import, 1, DOMAIN.to_bytes());
    put_int(&mut import, 2, 1);
    put_bytes(&mut out, 8, &import);
    Some(out)
}

type Edited = Result<Option<Vec<u8>>, Malformed>;

/// The message with some of its fields of bytes replaced; None where none is.
fn edit(message: &[u8], mut replace: impl FnMut(u64, &[u8]) -> Edited) -> Edited {
    let (mut out, mut copied) = (Vec::new(), 0);
    let mut fields = Fields::of(message);
    loop {
        let start = message.len() - fields.left();
        let Some((number, value)) = fields.next()? else { break };
        let Value::Bytes(bytes) = value else { continue };
        if let Some(new) = replace(number, bytes)? {
            out.extend_from_slice(&message[copied..start]);
            put_bytes(&mut out, number as u8, &new);
            copied = message.len() - fields.left();
        }
    }
    if copied == 0 {
        return Ok(None);
    }
    out.extend_from_slice(&message[copied..]);
    Ok(Some(out))
}

fn graph(message: &[u8], depth: usize) -> Edited {
    let (mut few_rows, mut decided) = (Vec::new(), false);
    edit(message, |number, bytes| {
        let header = if number == 1 { Header::of(bytes)? } else { Header::default() };
        few_rows.extend(header.outputs.into_iter().filter(|_| header.name.starts_with(FEW_ROWS)).map(<[u8]>::to_vec));
        Ok(None)
    })?;
    let edited = edit(message, |number, bytes| if number == 1 { node(bytes, depth, &few_rows, &mut decided) } else { Ok(None) })?;
    Ok(edited.map(|mut out| {
        if decided {
            let mut tensor = Vec::new();
            put_int(&mut tensor, 2, 9); // BOOL
            put_bytes(&mut tensor, 8, TRUE);
            put_bytes(&mut tensor, 9, &[1]);
            put_bytes(&mut out, 5, &tensor);
        }
        out
    }))
}

/// What a NodeProto says of itself.
#[derive(Default)]
struct Header<'a> {
    inputs: Vec<&'a [u8]>,
    outputs: Vec<&'a [u8]>,
    name: &'a [u8],
    kind: &'a [u8],
    domain: &'a [u8],
}

impl<'a> Header<'a> {
    fn of(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut header = Self::default();
        let mut fields = Fields::of(message);
        while let Some((number, value)) = fields.next()? {
            match (number, value) {
                (1, Value::Bytes(b)) => header.inputs.push(b),
                (2, Value::Bytes(b)) => header.outputs.push(b),
                (3, Value::Bytes(b)) => header.name = b,
                (4, Value::Bytes(b)) => header.kind = b,
                (7, Value::Bytes(b)) => header.domain = b,
                _ => (),
            }
        }
        Ok(header)
    }
}

/// few_rows: values that say whether there are few. decided: set where an `If` on one of them has been told that there are.
fn node(message: &[u8], depth: usize, few_rows: &[Vec<u8>], decided: &mut bool) -> Edited {
    let header = Header::of(message)?;
    if header.kind == b"TreeEnsemble" && header.domain == b"ai.onnx.ml" {
        return Ok(replaced::<f32>(message, &header).or_else(|_| replaced::<f64>(message, &header)).ok());
    }
    if depth == 0 {
        return Ok(None);
    }
    let attribute = |bytes: &[u8]| edit(bytes, |number, graph_| if number == 6 { graph(graph_, depth - 1) } else { Ok(None) });
    let edited = edit(message, |number, bytes| if number == 5 { attribute(bytes) } else { Ok(None) })?;
    match edited {
        Some(out) if header.kind == b"If" && few_rows.iter().any(|value| header.inputs == [value.as_slice()]) => {
            *decided = true;
            edit(&out, |number, _| Ok((number == 1).then(|| TRUE.to_vec())))
        }
        edited => Ok(edited),
    }
}

/// The operator for numbers of type V in the place of a TreeEnsemble.
fn replaced<V: Operand>(message: &[u8], header: &Header) -> Result<Vec<u8>, Unsupported> {
    Kernel::<V>::parse(message)?;
    let (mut out, mut attribute) = (Vec::with_capacity(message.len() + 100), Vec::with_capacity(message.len() + 20));
    put_bytes(&mut attribute, 1, NODE.to_bytes());
    put_bytes(&mut attribute, 4, message);
    attribute.extend_from_slice(&[20 << 3 | 128, 1, 3]); // type: STRING
    header.inputs.iter().for_each(|input| put_bytes(&mut out, 1, input));
    header.outputs.iter().for_each(|output| put_bytes(&mut out, 2, output));
    put_bytes(&mut out, 3, header.name);
    put_bytes(&mut out, 4, V::NAME.to_bytes());
    put_bytes(&mut out, 5, &attribute);
    put_bytes(&mut out, 7, DOMAIN.to_bytes());
    Ok(out)
}

fn put_int(out: &mut Vec<u8>, field: u8, value: u64) {
    out.push(field << 3);
    put_varint(out, value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_end(bytes: Vec<u8>) {
            let mut model = Vec::new();
            put_bytes(&mut model, 7, &bytes);
            prop_assert!(rewrite(&bytes).is_none() && rewrite(&model).is_none());
        }
    }
}

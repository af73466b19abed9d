//! ai.onnx.ml 5 TreeEnsemble, as it is written in a NodeProto: the numbers of its attributes, and nothing decided yet.

use super::number::Number;
use crate::protobuf::{Fields, Malformed, Value, varint};

/// What the kernel does not take, and leaves to ONNX Runtime.
#[derive(Debug, PartialEq)]
pub struct Unsupported;

impl From<Malformed> for Unsupported {
    fn from(_: Malformed) -> Self {
        Self
    }
}

/// Sums of more than this are rare, and as many rows of them would take much memory at once.
const TARGETS: usize = 1 << 16;
/// What the operator sums up, without anything around it.
const SUM: u64 = 1;
const NO_TRANSFORM: u64 = 0;
const UINT8: u64 = 2;

/// All trees. Of nodes: what they ask, and their two children, each a node or a leaf. roots: a node for each tree.
#[derive(Default)]
pub struct Ensemble<V> {
    pub n_targets: usize,
    pub features: Vec<usize>,
    pub modes: Vec<u8>,
    pub splits: Vec<V>,
    pub true_ids: Vec<usize>,
    pub true_leafs: Vec<usize>,
    pub false_ids: Vec<usize>,
    pub false_leafs: Vec<usize>,
    /// Empty, or for each node 1 where NaN goes the way of `true`.
    pub missing: Vec<usize>,
    /// The members of the nodes that ask for them, a NaN after those of each but the last.
    pub members: Vec<V>,
    pub roots: Vec<usize>,
    pub targets: Vec<usize>,
    pub weights: Vec<V>,
}

impl<V: Number> Ensemble<V> {
    /// node: a serialized NodeProto of a TreeEnsemble.
    pub fn parse(node: &[u8]) -> Result<Self, Unsupported> {
        let mut ensemble = Self::default();
        let (mut aggregate, mut transform) = (SUM, NO_TRANSFORM);
        let mut fields = Fields::of(node);
        while let Some((number, value)) = fields.next()? {
            let (5, Value::Bytes(bytes)) = (number, value) else { continue };
            let attribute = Attribute::parse(bytes)?;
            match attribute.name {
                b"aggregate_function" => aggregate = attribute.int,
                b"post_transform" => transform = attribute.int,
                b"n_targets" => ensemble.n_targets = index(attribute.int)?,
                b"nodes_featureids" => ensemble.features = attribute.ints,
                b"nodes_modes" => ensemble.modes = attribute.bytes(UINT8)?.to_vec(),
                b"nodes_splits" => ensemble.splits = attribute.numbers()?,
                b"nodes_truenodeids" => ensemble.true_ids = attribute.ints,
                b"nodes_trueleafs" => ensemble.true_leafs = attribute.ints,
                b"nodes_falsenodeids" => ensemble.false_ids = attribute.ints,
                b"nodes_falseleafs" => ensemble.false_leafs = attribute.ints,
                b"nodes_missing_value_tracks_true" => ensemble.missing = attribute.ints,
                b"membership_values" => ensemble.members = attribute.numbers()?,
                b"tree_roots" => ensemble.roots = attribute.ints,
                b"leaf_targetids" => ensemble.targets = attribute.ints,
                b"leaf_weights" => ensemble.weights = attribute.numbers()?,
                b"nodes_hitrates" => (),
                _ => return Err(Unsupported),
            }
        }
        if aggregate == SUM && transform == NO_TRANSFORM && ensemble.is_whole() { Ok(ensemble) } else { Err(Unsupported) }
    }

    /// Whether every list is as long as it has to be, and no number points beyond one.
    fn is_whole(&self) -> bool {
        let (nodes, leaves) = (self.features.len(), self.weights.len());
        let of_nodes = [&self.true_ids, &self.true_leafs, &self.false_ids, &self.false_leafs];
        let child = |(&id, &is_leaf): (&usize, &usize)| id < if is_leaf != 0 { leaves } else { nodes };
        (1..=TARGETS).contains(&self.n_targets)
            && of_nodes.iter().all(|list| list.len() == nodes)
            && self.modes.len() == nodes
            && self.splits.len() == nodes
            && (self.missing.is_empty() || self.missing.len() == nodes)
            && self.targets.len() == leaves
            && self.targets.iter().all(|&target| target < self.n_targets)
            && self.roots.iter().all(|&root| root < nodes)
            && self.true_ids.iter().zip(&self.true_leafs).all(child)
            && self.false_ids.iter().zip(&self.false_leafs).all(child)
    }
}

/// An AttributeProto; numbers of fields as in onnx.proto. Whole numbers are never negative here.
#[derive(Default)]
struct Attribute<'a> {
    name: &'a [u8],
    int: u64,
    ints: Vec<usize>,
    tensor: &'a [u8],
}

impl<'a> Attribute<'a> {
    fn parse(message: &'a [u8]) -> Result<Self, Unsupported> {
        let mut attribute = Self::default();
        let mut fields = Fields::of(message);
        while let Some((number, value)) = fields.next()? {
            match (number, value) {
                (1, Value::Bytes(name)) => attribute.name = name,
                (3, Value::Varint(int)) => attribute.int = int,
                (5, Value::Bytes(tensor)) => attribute.tensor = tensor,
                (8, Value::Varint(int)) => attribute.ints.push(index(int)?),
                (8, Value::Bytes(mut packed)) => {
                    while !packed.is_empty() {
                        attribute.ints.push(index(varint(&mut packed)?)?);
                    }
                }
                (20, Value::Varint(_)) => (),
                _ => return Err(Unsupported),
            }
        }
        Ok(attribute)
    }

    /// The `raw_data` of a tensor of this type.
    fn bytes(&self, code: u64) -> Result<&'a [u8], Unsupported> {
        let (mut found, mut raw): (u64, &[u8]) = (0, &[]);
        let mut fields = Fields::of(self.tensor);
        while let Some((number, value)) = fields.next()? {
            match (number, value) {
                (2, Value::Varint(code)) => found = code,
                (9, Value::Bytes(bytes)) => raw = bytes,
                (1 | 8, _) => (),
                _ => return Err(Unsupported),
            }
        }
        if found == code { Ok(raw) } else { Err(Unsupported) }
    }

    fn numbers<V: Number>(&self) -> Result<Vec<V>, Unsupported> {
        let whole = self.bytes(V::CODE)?.chunks_exact(V::SIZE);
        if whole.remainder().is_empty() { Ok(whole.map(V::read).collect()) } else { Err(Unsupported) }
    }
}

/// Where something lies in a list: within 32 bits, as no model has more nodes or features.
fn index(value: u64) -> Result<usize, Unsupported> {
    if value <= u64::from(u32::MAX >> 1) { Ok(value as usize) } else { Err(Unsupported) }
}
